// Times frames of the opened widths and fits a line to each: the profile (slimscale_profile) that choice.h reads.
#pragma once

#include "runtime/executor/frame_plan.h"

namespace slimscale::runtime {

static_assert(kMaxWidths <= SLIMSCALE_MAX_COSTS, "a handle's own targets must fit the table");

double now_ms();

// Writes the whole of `profile` within budget_ms, two frames of 8x8 per row at least: the widths of `inputs` on their
// targets and then, as far as the table has room, on the model's others that read the same filters. The device must be
// entered.
slimscale_status measure_profile(const PlanInputs &inputs, double budget_ms, slimscale_profile &profile, Error &error);

}  // namespace slimscale::runtime
