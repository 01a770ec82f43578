// Requested speed -> width. The table is measured (calibrate), the choice is pure arithmetic on it (slimscale_choose).
#pragma once

#include "runtime/executor/frame_plan.h"

namespace slimscale::runtime {

static_assert(kMaxWidths <= SLIMSCALE_MAX_COSTS, "a handle's own tier must fit the table");

double now_ms();

// Appends one cost per width of `inputs` on its tier within budget_ms; at least two frames of 8x8 each. Where the table is
// full, the rest is left out.
slimscale_status measure_costs(const PlanInputs &inputs, int scale, double budget_ms, slimscale_calibration &table,
                               Error &error);

// The row for this width, target and thread count, or null.
const slimscale_cost *find_cost(const slimscale_calibration &table, const char *target, int threads, int width);
double predict_ms(const slimscale_cost &cost, int width_px, int height_px);

// What a calibration holds for: the processor, or the GPU.
const char *machine_of(const PlanInputs &inputs);

// Refuses a table of another version, model or machine.
slimscale_status check_calibration(const slimscale_calibration &table, const char *model, const char *machine,
                                   Error &error);

}  // namespace slimscale::runtime
