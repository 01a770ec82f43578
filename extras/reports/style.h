// The one style sheet of all pages and charts.
#pragma once

namespace slimscale::reports {

constexpr int kSeriesStyles = 6;  // colours, dashes and markers until they begin anew

extern const char *const kStyleSheet;

}  // namespace slimscale::reports
