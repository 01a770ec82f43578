#include "extras/reports/thin.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace slimscale::reports {
namespace {

constexpr size_t kKeptPerColumn = 5;
constexpr size_t kNone = static_cast<size_t>(-1);

// Appends the indices that are kept of the points from `begin` up to `end` to `kept`.
void keep(const std::vector<double> &y, size_t begin, size_t end, std::vector<size_t> *kept) {
    size_t first = kNone, lowest = kNone, highest = kNone, last = kNone, gap = kNone;
    for (size_t i = begin; i < end; i++) {
        if (!std::isfinite(y[i])) {
            gap = i;
            continue;
        }
        first = first == kNone ? i : first;
        lowest = lowest == kNone || y[i] < y[lowest] ? i : lowest;
        highest = highest == kNone || y[i] > y[highest] ? i : highest;
        last = i;
    }
    std::vector<size_t> indices = {first, lowest, highest, last, gap};
    std::sort(indices.begin(), indices.end());
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
    for (const size_t index : indices)
        if (index != kNone)
            kept->push_back(index);
}

}  // namespace

std::vector<size_t> thinned(const std::vector<double> &x, const std::vector<double> &y, size_t columns) {
    std::vector<size_t> kept;
    if (y.size() <= kKeptPerColumn * columns) {
        kept.resize(y.size());
        std::iota(kept.begin(), kept.end(), size_t{0});
        return kept;
    }
    const double low = x.front(), span = x.back() - x.front();
    const auto column_of = [&](double value) {
        const double share = (value - low) / span;  // NaN where all lie at one place
        if (!(share > 0))
            return size_t{0};
        return std::min(columns - 1, static_cast<size_t>(std::min(share, 1.0) * static_cast<double>(columns)));
    };
    size_t begin = 0;
    for (size_t i = 1; i <= y.size(); i++) {
        if (i < y.size() && column_of(x[i]) == column_of(x[begin]))
            continue;
        keep(y, begin, i, &kept);
        begin = i;
    }
    return kept;
}

}  // namespace slimscale::reports
