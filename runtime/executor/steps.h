// The steps that every kind of device runs by the same calls. Each returns 0 or what a pipeline returned.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime {

// A call for each group and each phase of the shuffle.
int run_apart(const StepCall &call);

// One call: sums of the rows, or what attention computes of the whole frame's mean.
int run_whole_frame(const StepCall &call);

// A call for each phase and filter of a collapsed tail (filters/collapsed_tail.h).
int run_collapsed_tail(const StepCall &call);

// The step as its operation runs (contract/operations.inc); `together` is the backend's own way.
int run_step(const StepCall &call, int (*together)(const StepCall &));

}  // namespace slimscale::runtime
