// Sums of products over input channels in a register tile: the innermost loops of convolutions between features.
#pragma once

#include <vector>

#include "Halide.h"
#include "contract/layout.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

// Schedules the update number `update` of `sum` (c, ...), which has one reduction variable: c is vectorized, and `columns`
// and b.unroll steps of the reduction are unrolled. Fixed point (q16) takes two input channels at a time, by one vpmaddwd or
// vpdpwssd.
void schedule_products(Halide::Func sum, int update, const std::vector<Halide::Var> &columns, bool q16,
                       const Blocking &blocking);

}  // namespace slimscale::schedules
