// 3x3 convolutions between features on GPUs.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime::gpu {

// Directly, a launch for each group and phase, or by Winograd in three launches for each chunk of rows of tiles
// (plan/tile_chunk.h).
int conv3(const StepCall &call);

}  // namespace slimscale::runtime::gpu
