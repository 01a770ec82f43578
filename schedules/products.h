// Sums of products over input channels in a register tile: the innermost loops of convolutions between features.
#pragma once

#include <vector>

#include "Halide.h"
#include "contract/layout.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

// `sum` (c, ...) adds up over its only reduction variable in `update`: vectors of c, `columns` and some steps unrolled. In
// fixed point (q16) two channels at a time, one vpmaddwd or vpdpwssd.
void schedule_products(Halide::Func sum, int update, const std::vector<Halide::Var> &columns, bool q16,
                       const Blocking &blocking);

}  // namespace slimscale::schedules
