// Which blockings are tried, and in what order.
#pragma once

#include <vector>

#include "schedules/parameters.h"

namespace slimscale::bench {

// All legal blockings that differ from `best` in one choice and are not in `tried`: the register tile (lanes, vectors,
// tiles or pixels: they share the registers) or one of the others. Single parameters come first, then register tiles,
// those with about as many accumulators as `best` before others. Vectors of less than half the ISA's length are left
// out.
std::vector<schedules::Blocking> neighbours(const schedules::Blocking &best, const schedules::Work &work,
                                            const schedules::Isa &isa, const std::vector<schedules::Blocking> &tried);

}  // namespace slimscale::bench
