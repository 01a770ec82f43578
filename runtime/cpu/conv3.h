// 3x3 convolutions between features on processors, by Winograd inside one pipeline.
#pragma once

#include "runtime/executor/step_call.h"

namespace slimscale::runtime::cpu {

// All groups and all phases of the shuffle in one call; in fixed point where the target is q16.
int conv3(const StepCall &call);

}  // namespace slimscale::runtime::cpu
