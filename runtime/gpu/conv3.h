// 3x3 convolutions between features on GPUs.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime::gpu {

// Computes directly, in a launch for each group and phase, or by Winograd, in three launches for each chunk of rows of
// tiles (plan/tile_chunk.h). Returns 0 or the error code of a pipeline.
int conv3(const StepCall &call);

}  // namespace slimscale::runtime::gpu
