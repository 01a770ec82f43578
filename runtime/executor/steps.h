// Steps that all kinds of devices run by the same calls. Each function returns 0 or the error code of a pipeline.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime {

// One call per group and phase of the pixel shuffle.
int run_apart(const StepCall &call);

// One call for the whole frame: row_sum, or squeeze_excite.
int run_whole_frame(const StepCall &call);

// A call for each phase and filter of a collapsed tail (filters/collapsed_tail.h).
int run_collapsed_tail(const StepCall &call);

// Runs the step as its operation says (contract/operations.inc). `together` is the backend's own function for steps
// that compute all groups and phases in one call.
int run_step(const StepCall &call, int (*together)(const StepCall &));

}  // namespace slimscale::runtime
