// The steps that every kind of device runs by the same calls. Each returns 0 or what a pipeline returned.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime {

// HEAD, CONV1, TAIL, and on GPUs CONV3 by its own pipeline: a call for each group and each phase of the shuffle.
int run_convolutions(const StepCall &call);

// ROW_SUM, GATE and ATTEND: global average pooling, squeeze-and-excitation.
int run_row_sum(const StepCall &call);
int run_gate(const StepCall &call);
int run_attend(const StepCall &call);

// COLLAPSED_TAIL: a call for each phase and filter (filters/collapsed_tail.h).
int run_collapsed_tail(const StepCall &call);

// The step by its kind; `conv3` is the backend's own way.
int run_step(const StepCall &call, int (*conv3)(const StepCall &));

}  // namespace slimscale::runtime
