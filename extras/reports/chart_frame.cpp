#include "extras/reports/chart_frame.h"

#include <algorithm>
#include <cmath>

#include "extras/reports/style.h"

namespace slimscale::reports {
namespace {

constexpr double kRow = 18;          // a line of text
constexpr double kGap = 8;           // between a tick's label and the plot
constexpr double kEdge = 10;         // free at the right
constexpr double kXTickPixels = 90;  // between two ticks, about
constexpr double kYTickPixels = 38;
constexpr double kPadding = 0.06;      // of the range, so that curves do not touch the frame
constexpr double kFarPixels = 1e5;     // beyond, a position no longer matters to what is visible
constexpr double kLegendSample = 30;   // with the space up to its text
constexpr double kLegendSpacing = 12;  // between two entries

bool has_place(double value, Scale scale) {
    return std::isfinite(place(value, Range{1, 2}, scale));
}

// The values along one axis of all points that have a place on both.
std::vector<double> placed_values(const Chart &chart, bool along_x) {
    std::vector<double> values;
    for (const Series &series : chart.series)
        for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); i++)
            if (has_place(series.x[i], chart.x.scale) && has_place(series.y[i], chart.y.scale))
                values.push_back(along_x ? series.x[i] : series.y[i]);
    return values;
}

Range axis_range(const std::vector<double> &values, const Axis &axis, double padding) {
    const Range data = range_of(values, axis.scale);
    Range range = padded(data, axis.scale, padding);
    if (axis.scale == Scale::linear && data.low >= 0)
        range.low = std::max(range.low, 0.0);  // what cannot be negative does not look as if it were
    const Range asked{axis.low.value_or(range.low), axis.high.value_or(range.high)};
    const bool possible = has_place(asked.low, axis.scale) && has_place(asked.high, axis.scale);
    return possible && asked.low < asked.high ? asked : range;
}

double widest(const std::vector<Tick> &ticks) {
    double pixels = 0;
    for (const Tick &tick : ticks)
        pixels = std::max(pixels, text_pixels(tick.label));
    return pixels;
}

int wanted_ticks(double pixels, double spacing) {
    return std::max(2, static_cast<int>(pixels / spacing));
}

double within_reach(double pixel) {
    return std::isnan(pixel) ? pixel : std::clamp(pixel, -kFarPixels, kFarPixels);
}

}  // namespace

double text_pixels(const std::string &text) {
    constexpr double kCharacter = 0.6 * kFontPixels;  // what wide sans-serif fonts need
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return kCharacter * static_cast<double>(std::count_if(text.begin(), text.end(), starts));
}

size_t style_of(const Chart &chart, size_t index) {
    const int style = chart.series[index].style;
    return (style < 0 ? index : static_cast<size_t>(style)) % kSeriesStyles;
}

Legend legend_of(const Chart &chart, ChartSize size) {
    Legend legend;
    double x = 1, y = kRow / 2;
    for (size_t i = 0; i < chart.series.size(); i++) {
        if (chart.series[i].name.empty())
            continue;
        const double width = kLegendSample + text_pixels(chart.series[i].name);
        if (x + width > size.width && x > 1) {
            x = 1;
            y += kRow;
        }
        legend.entries.push_back({i, x, y});
        x += width + kLegendSpacing;
    }
    if (legend.entries.size() < 2)
        return {};
    legend.height = y + kRow / 2 + kGap / 2;
    legend.extra_height = y - kRow / 2;
    return legend;
}

Frame frame_of(const Chart &chart, ChartSize size, const Legend &legend) {
    Frame frame;
    size.height += static_cast<int>(legend.extra_height);
    frame.size = size;
    const std::vector<double> xs = placed_values(chart, /*along_x=*/true);
    std::vector<double> ys = placed_values(chart, /*along_x=*/false);
    frame.has_points = !xs.empty();
    for (const Reference &reference : chart.references)
        ys.push_back(reference.y);
    frame.x_range = axis_range(xs, chart.x, chart.kind == Chart::Kind::scatter ? kPadding : 0);
    frame.y_range = axis_range(ys, chart.y, kPadding);

    frame.top = legend.height + kGap + (chart.y.title.empty() ? 0 : kRow);
    frame.height = size.height - frame.top - kRow - (chart.x.title.empty() ? 0 : kRow);
    if (frame.has_points || !chart.references.empty())
        frame.y_ticks = ticks(frame.y_range, chart.y.scale, wanted_ticks(frame.height, kYTickPixels));
    frame.left = std::ceil(widest(frame.y_ticks) + kGap);
    frame.width = size.width - frame.left - kEdge;
    if (frame.has_points)
        frame.x_ticks = ticks(frame.x_range, chart.x.scale, wanted_ticks(frame.width, kXTickPixels));
    return frame;
}

double x_pixel(const Chart &chart, const Frame &frame, double value) {
    return within_reach(frame.left + frame.width * place(value, frame.x_range, chart.x.scale));
}

double y_pixel(const Chart &chart, const Frame &frame, double value) {
    return within_reach(frame.bottom() - frame.height * place(value, frame.y_range, chart.y.scale));
}

}  // namespace slimscale::reports
