#include "extras/reports/chart.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "extras/reports/chart_frame.h"
#include "extras/reports/chart_hover.h"
#include "extras/reports/chart_shapes.h"
#include "extras/reports/html.h"
#include "extras/reports/style.h"
#include "extras/reports/thin.h"

namespace slimscale::reports {
namespace {

using base::readable;

constexpr double kColumnPixels = 1.5;  // of thinning: finer than what is seen
constexpr double kLegendLine = 24;

std::vector<Pixel> thinned_pixels(const std::vector<Pixel> &all, double width) {
    std::vector<double> x, y;
    for (const Pixel &p : all) {
        x.push_back(p.x);
        y.push_back(p.y);
    }
    std::vector<Pixel> kept;
    for (const size_t i : thinned(x, y, static_cast<size_t>(std::max(1.0, width / kColumnPixels))))
        kept.push_back(all[i]);
    return kept;
}

// The points that get a marker: all of them where there is room, else about one per `kApart` pixels, each style at
// places of its own.
std::vector<Pixel> marked(const std::vector<Pixel> &points, size_t style) {
    constexpr double kRoom = 14, kApart = 90;
    std::vector<Pixel> finite;
    std::copy_if(points.begin(), points.end(), std::back_inserter(finite), [](Pixel p) { return std::isfinite(p.y); });
    if (finite.size() < 2 || finite.back().x - finite.front().x >= kRoom * static_cast<double>(finite.size() - 1))
        return finite;
    std::vector<Pixel> found;
    double next = finite.front().x + kApart * (static_cast<double>(style) + 0.5) / kSeriesStyles;
    for (const Pixel &p : finite) {
        if (p.x < next)
            continue;
        found.push_back(p);
        next += kApart * std::ceil((p.x - next) / kApart + 1e-9);
    }
    return found;
}

std::string draw_series(const Chart &chart, const Frame &frame, size_t index, bool with_markers) {
    const Series &series = chart.series[index];
    const size_t style = style_of(chart, index);
    const bool scatter = chart.kind == Chart::Kind::scatter;
    std::vector<Pixel> points = pixels_of(chart, frame, series);
    if (!scatter)
        points = thinned_pixels(points, frame.width);
    const std::string d = polyline(points);
    if (d.empty())
        return "";
    std::string markers;
    if (with_markers && !series.faint)
        for (const Pixel &p : marked(points, style))
            markers += marker(style, p);
    const std::string content = path("line", d) + (markers.empty() ? "" : path("mark", markers));
    return element("g", {{"class", style_class(style, series.faint)}}, content);
}

std::string draw_axes(const Chart &chart, const Frame &frame) {
    std::string grid, out;
    const double label_x = frame.left - 8, label_y = frame.bottom() + 16, baseline = kFontPixels / 3;
    for (const Tick &tick : frame.y_ticks) {
        const double y = y_pixel(chart, frame, tick.value);
        grid += line({frame.left, y}, {frame.right(), y});
        out += text("tick end", {label_x, y + baseline}, tick.label);
    }
    std::string marks = line({frame.left, frame.bottom()}, {frame.right(), frame.bottom()});
    for (const Tick &tick : frame.x_ticks) {
        const double x = x_pixel(chart, frame, tick.value);
        const double half = text_pixels(tick.label) / 2;
        marks += line({x, frame.bottom()}, {x, frame.bottom() + 4});
        out += text("tick middle", {std::min(x, frame.size.width - half), label_y}, tick.label);
    }
    if (!chart.y.title.empty())
        out += text("axis", {0, frame.top - 12}, chart.y.title);
    if (!chart.x.title.empty())
        out += text("axis end", {frame.right(), frame.size.height - 4.0}, chart.x.title);
    return (grid.empty() ? "" : path("grid", grid)) + path("base", marks) + out;
}

std::string draw_legend(const Chart &chart, const Legend &legend) {
    std::string out;
    for (const LegendEntry &entry : legend.entries) {
        const Series &series = chart.series[entry.series];
        const size_t style = style_of(chart, entry.series);
        std::string sample = path("line", line({entry.x, entry.y}, {entry.x + kLegendLine, entry.y}));
        if (!series.faint)
            sample += path("mark", marker(style, {entry.x + kLegendLine / 2, entry.y}));
        out += element("g", {{"class", style_class(style, series.faint)}}, sample);
        out += text("name", {entry.x + kLegendLine + 6, entry.y + kFontPixels / 3}, series.name);
    }
    return out;
}

std::string draw_references(const Chart &chart, const Frame &frame) {
    std::string out;
    for (const Reference &reference : chart.references) {
        const double y = y_pixel(chart, frame, reference.y);
        if (!(y >= frame.top && y <= frame.bottom()))
            continue;
        const bool above = y - frame.top > 1.5 * kFontPixels;
        out += path("reference", line({frame.left, y}, {frame.right(), y}));
        out += text("note end", {frame.right() - 2, above ? y - 5 : y + kFontPixels + 2},
                    reference.name + " " + readable(reference.y, 4));
    }
    return out;
}

}  // namespace

std::string svg(const Chart &chart, ChartSize size) {
    const Legend legend = legend_of(chart, size);
    const Frame frame = frame_of(chart, size, legend);
    const bool scatter = chart.kind == Chart::Kind::scatter;
    const auto is_clear = [](const Series &series) { return !series.faint; };
    const bool several = std::count_if(chart.series.begin(), chart.series.end(), is_clear) > 1;

    std::string curves;
    for (size_t i = 0; i < chart.series.size(); i++)
        curves += draw_series(chart, frame, i, scatter || several);
    // An inner <svg> cuts off what lies beyond the plot, but for half a marker at its sides.
    const double slack = kMarkerRadius + 2;
    const std::string x = pixels(frame.left - slack), y = pixels(frame.top);
    const std::string width = pixels(frame.width + 2 * slack), height = pixels(frame.height + 1);
    const std::string visible = x + " " + y + " " + width + " " + height;
    const std::vector<Attribute> place_and_view = {
        {"x", x}, {"y", y}, {"width", width}, {"height", height}, {"viewBox", visible}};

    std::string content = element("title", {}, escaped(chart.title));
    if (!chart.description.empty())
        content += element("desc", {}, escaped(chart.description));
    content += draw_axes(chart, frame) + draw_legend(chart, legend);
    content += element("svg", place_and_view, curves) + draw_references(chart, frame);
    if (!frame.has_points)
        content += text("empty middle", {frame.left + frame.width / 2, frame.top + frame.height / 2}, "no values yet");
    content += scatter ? draw_points(chart, frame) : draw_probes(chart, frame);
    const std::string view = "0 0 " + std::to_string(frame.size.width) + " " + std::to_string(frame.size.height);
    return element("svg", {{"class", "chart"}, {"viewBox", view}, {"role", "img"}}, content);
}

}  // namespace slimscale::reports
