#include "bench/deadlines/chart.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <map>

#include "extras/reports/html.h"

namespace slimscale::bench {
namespace {

constexpr int kWidth = 860, kPanelHeight = 220, kLeft = 56, kRight = 110, kTop = 30, kGap = 46;
constexpr int kPlotWidth = kWidth - kLeft - kRight;
constexpr const char *kColors[] = {"#1b7837", "#2166ac", "#e08214", "#b2182b", "#762a83", "#4d4d4d"};

__attribute__((format(printf, 2, 3))) void add(std::string &svg, const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    svg += line;
}

// A dot per frame; later ones of one place and color would only hide each other.
void add_panel(std::string &svg, const DeadlineChart &chart, const Panel &panel, double top, double most_ms,
               const std::map<int, const char *> &colors) {
    const auto x_of = [&](double s) { return kLeft + s / chart.end_s * kPlotWidth; };
    const auto y_of = [&](double ms) { return top + kPanelHeight * (1 - std::min(ms, most_ms) / most_ms); };
    add(svg, "<text x=\"%d\" y=\"%.0f\" font-weight=\"bold\">%s</text>\n", kLeft, top - 8,
        reports::escaped(panel.title).c_str());
    add(svg, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"#eeeeee\"/>\n", x_of(chart.load_from_s),
        top, x_of(chart.load_to_s) - x_of(chart.load_from_s), kPanelHeight);
    add(svg, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999999\"/>\n", kLeft, top,
        kPlotWidth, kPanelHeight);
    add(svg, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"black\" stroke-dasharray=\"5 3\"/>\n", kLeft,
        kLeft + kPlotWidth, y_of(chart.budget_ms), y_of(chart.budget_ms));
    for (double ms : {0.0, chart.budget_ms, most_ms})
        add(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f ms</text>\n", kLeft - 5, y_of(ms) + 4, ms);
    std::map<std::pair<int, int>, int> drawn;
    for (const TimedFrame &frame : panel.frames) {
        const double x = x_of(frame.at_s), y = y_of(frame.ms);
        int &channels = drawn[{static_cast<int>(x), static_cast<int>(y)}];
        if (channels == frame.channels)
            continue;
        channels = frame.channels;
        add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.8\" fill=\"%s\"/>\n", x, y, colors.at(frame.channels));
    }
}

}  // namespace

std::string svg_of(const DeadlineChart &chart) {
    std::map<int, const char *> colors;
    for (const Panel &panel : chart.panels)
        for (const TimedFrame &frame : panel.frames)
            colors[frame.channels] = nullptr;
    size_t next = 0;
    for (auto &color : colors)
        color.second = kColors[std::min(next++, std::size(kColors) - 1)];
    const double most_ms = 2.5 * chart.budget_ms;  // slower frames lie on the edge
    const int height = kTop + static_cast<int>(chart.panels.size()) * (kPanelHeight + kGap) + 20;
    std::string svg;
    add(svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        kWidth, height);
    for (size_t i = 0; i < chart.panels.size(); i++) {
        const double top = kTop + static_cast<double>(i) * (kPanelHeight + kGap);
        add_panel(svg, chart, chart.panels[i], top, most_ms, colors);
        for (double s = 0; s <= chart.end_s; s += 2)
            add(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f s</text>\n",
                kLeft + s / chart.end_s * kPlotWidth, top + kPanelHeight + 15, s);
        double y = top + 12;
        for (const auto &color : colors) {
            add(svg,
                "<circle cx=\"%d\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%.1f\">%d channels</text>\n",
                kWidth - kRight + 14, y - 4, color.second, kWidth - kRight + 24, y, color.first);
            y += 18;
        }
    }
    add(svg, "<text x=\"%d\" y=\"%d\" fill=\"#555555\">%s</text>\n</svg>\n", kLeft, height - 8,
        reports::escaped(chart.caption).c_str());
    return svg;
}

}  // namespace slimscale::bench
