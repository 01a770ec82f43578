// Fewer points, same picture: per column of the plot the first, lowest, highest and last point, and one gap if there
// is any. A line through them covers the same pixels as one through all; no spike is lost, as with every n-th point.
#pragma once

#include <cstddef>
#include <vector>

namespace slimscale::reports {

// Indices to keep, ascending; at most five per column. `x` ascends and is as long as `y`; points whose y is not finite
// are gaps.
std::vector<size_t> thinned(const std::vector<double> &x, const std::vector<double> &y, size_t columns);

}  // namespace slimscale::reports
