// Where a chart's parts lie: margins, the plot's rectangle, the ranges of both axes. Within extras/reports/ only.
#pragma once

#include <string>
#include <vector>

#include "extras/reports/chart.h"

namespace slimscale::reports {

constexpr double kFontPixels = 12;
constexpr double kMarkerRadius = 3.5;

struct Frame {
    ChartSize size;
    double left = 0, top = 0, width = 0, height = 0;  // of the plot
    Range x_range, y_range;
    std::vector<Tick> x_ticks, y_ticks;
    bool has_points = false;

    double right() const { return left + width; }
    double bottom() const { return top + height; }
};

// One legend entry and the place of its sample's left end.
struct LegendEntry {
    size_t series = 0;
    double x = 0, y = 0;
};

struct Legend {
    std::vector<LegendEntry> entries;  // none where there is nothing to tell apart
    double height = 0;
    double extra_height = 0;  // of what does not fit one row: the chart grows by it rather than its plot shrink
};

Legend legend_of(const Chart &chart, ChartSize size);
Frame frame_of(const Chart &chart, ChartSize size, const Legend &legend);

// Pixels; NaN for what has no place on the axis.
double x_pixel(const Chart &chart, const Frame &frame, double value);
double y_pixel(const Chart &chart, const Frame &frame, double value);

// Estimated from the number of characters: there is no font to ask.
double text_pixels(const std::string &text);

// The style of the `index`-th series.
size_t style_of(const Chart &chart, size_t index);

}  // namespace slimscale::reports
