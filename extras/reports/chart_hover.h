// What charts say about single points: values on hovering, by <title>, and labels beside points. Within extras/reports/ only.
#pragma once

#include <string>

#include "extras/reports/chart_frame.h"

namespace slimscale::reports {

// Curves: one strip per few pixels tells the values of all series there.
std::string draw_probes(const Chart &chart, const Frame &frame);

// Scatter: each point its label, if it has one, and its values.
std::string draw_points(const Chart &chart, const Frame &frame);

}  // namespace slimscale::reports
