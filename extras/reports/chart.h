// A chart as inline SVG: curves over a common x (loss over steps), or points of several families (quality over
// latency). Colours come from the page's variables, so one picture serves light and dark; every series also has a dash
// and a marker of its own, so that it reads without colour. Hovering shows values, by <title> alone: no script.
//
// Curves may have any number of points: they are thinned to what the plot can show. NaN is a gap, and so is what has
// no place on a log axis.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "extras/reports/axis.h"

namespace slimscale::reports {

struct Axis {
    std::string title;  // "PSNR, dB"
    Scale scale = Scale::linear;
    std::optional<double> low = {}, high = {};  // instead of the data's ends; what lies beyond is cut off
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
    enum class Kind { curves,
                      scatter };  // scatter: all points marked, joined by lines in their order

    std::string title;
    std::string description;  // one sentence for those who do not see it
    Kind kind = Kind::curves;
    Axis x, y;
    std::vector<Series> series;
    std::vector<Reference> references;  // horizontal lines
};

struct ChartSize {
    // CSS pixels at which text has its normal size. A legend of several rows adds to the height.
    int width = 560, height = 300;
};

// One <svg>, scaled to the place it is given. Needs the style sheet of extras/reports/style.h around it.
std::string svg(const Chart &chart, ChartSize size = {});

}  // namespace slimscale::reports
