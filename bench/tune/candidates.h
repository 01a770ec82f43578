// Which blockings are tried, and in what order.
#pragma once

#include <vector>

#include "schedules/parameters.h"

namespace slimscale::bench {

// All legal blockings that are not in `tried` and differ from `best` in one choice. The register tile (lanes, vectors,
// tiles or pixels, which share the registers) is one choice, and each other parameter is another. Other parameters come
// first, then register tiles, those with about as many accumulators as `best` before others. Vectors of less than half
// the ISA's length are left out.
std::vector<schedules::Blocking> neighbours(const schedules::Blocking &best, const schedules::Work &work,
                                            const schedules::Isa &isa, const std::vector<schedules::Blocking> &tried);

}  // namespace slimscale::bench
