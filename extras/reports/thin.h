// Thins points without changing the picture: for each column of the plot the first, lowest, highest and last point are
// kept, and one gap if there is any. A line through them covers the same pixels as one through all points, and no spike
// is lost.
#pragma once

#include <cstddef>
#include <vector>

namespace slimscale::reports {

// Indices to keep, ascending; at most five per column. `x` ascends and is as long as `y`; points whose y is not finite
// are gaps.
std::vector<size_t> thinned(const std::vector<double> &x, const std::vector<double> &y, size_t columns);

}  // namespace slimscale::reports
