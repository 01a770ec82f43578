// What must be equal in all processes of a run before the first step.
#pragma once

#include <string>

#include "trainer/checkpoint.h"
#include "trainer/config.h"

namespace slimscale::trainer {

// Options, step and a checksum of the weights, as lines of name=value. Options that may differ between machines (where
// files lie, threads, memory) are left out.
std::string agreement(const Config &config, const TrainingState &state);

}  // namespace slimscale::trainer
