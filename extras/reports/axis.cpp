#include "extras/reports/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/numbers.h"

namespace slimscale::reports {
namespace {

using base::decimal;
using base::compact;

// Beyond these, differences and ratios of two ends are no longer finite.
constexpr double kLargest = 1e150, kSmallestPositive = 1e-150;

// 1, 2 or 5 times a power of ten, so that about `wanted` steps fill the span.
double round_step(double span, int wanted) {
    const double rough = span / wanted;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double lead = rough / power;
    // Geometric means between neighbours: the nearest by ratio.
    return power * (lead < std::sqrt(2.0) ? 1 : lead < std::sqrt(10.0) ? 2
                                            : lead < std::sqrt(50.0)   ? 5
                                                                       : 10);
}

// The labels of one axis have one form: as far as the largest needs letters, and the step decimals.
std::string label_of(double value, double step, double largest) {
    constexpr double kCompactFrom = 1e4, kDecimalFrom = 1e-3, kCompactSteps = 1e4;
    if (largest < kDecimalFrom || (largest >= kCompactFrom && largest / step < kCompactSteps))
        return compact(value);
    return decimal(value, std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9))));
}

std::vector<Tick> ticks_by(double step, Range range) {
    const double slack = 1e-9;  // of a step: ends that are ticks but for rounding
    const double first = std::ceil(range.low / step - slack), last = std::floor(range.high / step + slack);
    const double largest = std::max(std::abs(first), std::abs(last)) * step;
    std::vector<Tick> found;
    for (double i = first; i <= last && i + 1 != i; i++) {
        const double value = i == 0 ? 0 : i * step;  // never "-0"
        found.push_back({value, label_of(value, step, largest)});
    }
    return found;
}

std::vector<Tick> linear_ticks(Range range, int wanted) {
    constexpr int kAlwaysTwo = 4;  // this many steps and more hold two ticks wherever the range begins
    std::vector<Tick> found = ticks_by(round_step(range.high - range.low, wanted), range);
    return found.size() >= 2 ? found : ticks_by(round_step(range.high - range.low, kAlwaysTwo), range);
}

// Ticks at `leads` times every `stride`-th power of ten.
std::vector<Tick> decade_ticks(Range range, const std::vector<double> &leads, int stride) {
    std::vector<Tick> found;
    const int first = static_cast<int>(std::floor(std::log10(range.low)));
    const int last = static_cast<int>(std::ceil(std::log10(range.high)));
    constexpr double kSlack = 1e-9;
    for (int power = first; power <= last; power++) {
        if (power % stride != 0)
            continue;
        for (const double lead : leads) {
            const double value = lead * std::pow(10, power);
            if (value >= range.low * (1 - kSlack) && value <= range.high * (1 + kSlack))
                found.push_back({value, compact(value)});
        }
    }
    return found;
}

std::vector<Tick> log_ticks(Range range, int wanted) {
    const double decades = std::log10(range.high / range.low);
    std::vector<Tick> best;
    for (int stride = static_cast<int>(std::ceil(decades / wanted)); stride > 1 && best.size() < 2; stride--)
        best = decade_ticks(range, {1}, stride);
    if (best.size() >= 2)
        return best;
    for (const auto &leads : {std::vector<double>{1}, {1, 3}, {1, 2, 5}}) {
        std::vector<Tick> found = decade_ticks(range, leads, 1);
        const bool fits = found.size() <= static_cast<size_t>(wanted) + 1;
        if (found.size() > best.size() && (fits || best.size() < 2))
            best = std::move(found);
    }
    if (best.size() >= 3)
        return best;
    std::vector<Tick> even = linear_ticks(range, wanted);
    return even.size() > best.size() ? even : best;
}

bool has_place(double value, Scale scale) {
    return std::isfinite(value) && (scale == Scale::linear || value > 0);
}

}  // namespace

std::vector<Tick> ticks(Range range, Scale scale, int wanted) {
    return scale == Scale::log ? log_ticks(range, wanted) : linear_ticks(range, wanted);
}

Range range_of(const std::vector<double> &values, Scale scale) {
    const double infinity = std::numeric_limits<double>::infinity();
    Range range{infinity, -infinity};
    for (const double value : values) {
        if (!has_place(value, scale))
            continue;
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
    if (range.low > range.high)
        return scale == Scale::log ? Range{1, 10} : Range{0, 1};
    const double smallest = scale == Scale::log ? kSmallestPositive : -kLargest;
    range.low = std::clamp(range.low, smallest, kLargest);
    range.high = std::clamp(range.high, smallest, kLargest);
    if (range.high - range.low > 1e-9 * std::abs(range.high))
        return range;
    // One value: it stands in the middle.
    if (scale == Scale::log)
        return {range.low / 2, range.high * 2};
    const double margin = range.high == 0 ? 1 : std::abs(range.high) / 10;
    return {range.low - margin, range.high + margin};
}

Range padded(Range range, Scale scale, double share) {
    if (scale == Scale::log) {
        const double factor = std::pow(range.high / range.low, share);
        return {range.low / factor, range.high * factor};
    }
    const double margin = (range.high - range.low) * share;
    return {range.low - margin, range.high + margin};
}

double place(double value, Range range, Scale scale) {
    if (!has_place(value, scale))
        return std::numeric_limits<double>::quiet_NaN();
    if (scale == Scale::log)
        return std::log(value / range.low) / std::log(range.high / range.low);
    return (value - range.low) / (range.high - range.low);
}

}  // namespace slimscale::reports
