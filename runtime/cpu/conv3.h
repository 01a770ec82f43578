// 3x3 convolutions between features on processors, by Winograd's F(4x4, 3x3) inside one pipeline, or in AMX tiles.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime::cpu {

// Computes all groups and all phases of the pixel shuffle in one call, in fixed point if the target is q16, or each in
// a call of its own in AMX tiles (bf16, int8). Returns 0 or the pipeline's error code.
int conv3(const StepCall &call);

}  // namespace slimscale::runtime::cpu
