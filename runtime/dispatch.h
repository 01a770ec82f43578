// Requested speed -> width. The table is measured (calibrate), the choice is pure arithmetic on it (slimscale_choose).
#pragma once

#include "runtime/plan.h"

namespace slimscale::runtime {

double now_ms();

// Appends one cost per width of `inputs` on its tier, spending at most budget_ms on each. Table full: the rest is left
// out.
slimscale_status measure_costs(const PlanInputs &inputs, int scale, double budget_ms, slimscale_calibration &table,
                               Error &error);

// The row for this width, target and thread count, or null.
const slimscale_cost *find_cost(const slimscale_calibration &table, const char *target, int threads, int width);
double predict_ms(const slimscale_cost &cost, int width_px, int height_px);

// "" if the table is of this version, model and machine; otherwise what is wrong.
slimscale_status check_calibration(const slimscale_calibration &table, const char *model, Error &error);

}  // namespace slimscale::runtime
