// Axes: ranges, round ticks, and where a value lies.
#pragma once

#include <string>
#include <vector>

namespace slimscale::reports {

enum class Scale { linear,
                   log };  // values that are not positive have no place on it

struct Tick {
    double value = 0;
    std::string label;
};

struct Range {
    double low = 0, high = 1;
};

// About `wanted` ticks at round values within the range; at least two of them but in a range too narrow for doubles.
// Precondition: low < high; both positive for Scale::log.
std::vector<Tick> ticks(Range range, Scale scale, int wanted);

// The smallest range around the values that have a place on the axis: low < high, finite. [0, 1], or [1, 10] for
// Scale::log, where there are none.
Range range_of(const std::vector<double> &values, Scale scale);

// `share` of the range more at each end.
Range padded(Range range, Scale scale, double share);

// 0 at the range's low end, 1 at its high end; NaN for what has no place.
double place(double value, Range range, Scale scale);

}  // namespace slimscale::reports
