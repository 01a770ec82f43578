// A chart: curves over a common x (loss over steps), or points of several families (quality over latency). A page holds
// it as JSON that charts.js draws with Chart.js, and as a table for readers without JavaScript.
//
// Curves may have any number of points, and are thinned to what a plot can show. NaN is a gap, and so is a value
// without a place on a logarithmic axis.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/table.h"

namespace slimscale::reports {

enum class Scale { linear, log };

struct Axis {
    std::string title;  // "PSNR, dB"
    Scale scale = Scale::linear;
    std::optional<double> low = {},
                          high = {};  // ends of the axis, beyond which data are cut off; none: the data's ends
};

struct Series {
    std::string name;                 // in the legend; "" keeps it out
    std::vector<double> x, y;         // of equal length; x ascends in curves
    std::vector<std::string> labels;  // scatter: beside each point; may be shorter than x
    int style = -1;                   // colour, dash and marker, from 0; -1: this series' place in the chart
    bool faint = false;               // background to another series: thin, solid, not read out on hovering
};

struct Reference {
    std::string name;
    double y = 0;
};

struct Chart {
    enum class Kind { curves, scatter };  // scatter: all points marked, joined by lines in their order

    std::string title;
    std::string description;  // one sentence for readers who cannot see the chart
    Kind kind = Kind::curves;
    Axis x, y;
    std::vector<Series> series;
    std::vector<Reference> references;  // horizontal lines
};

// Whether any point has a place on both axes.
bool has_points(const Chart &chart);

// The JSON that charts.js reads: {"title", "curves": true for curves, "x" and "y": {"title", "log", "low", "high"},
// "series":
// [{"name", "style", "faint", "x": [...], "y": [...], "labels": [...]}], "references": [{"name", "y"}]}. Gaps are null.
// "low" and "high" are left out if the data decide. There are no "<", ">" and "&", so that it may stand inside
// <script>.
std::string to_json(const Chart &chart);

// The values as a table: curves have a column per series and a dozen rows, points a row each.
base::Table values_table(const Chart &chart);

}  // namespace slimscale::reports
