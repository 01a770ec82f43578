// What all processes of a run must have in common before the first step.
#pragma once

#include <string>

#include "trainer/checkpoint.h"
#include "trainer/config.h"

namespace slimscale::trainer {

// Options, step and a checksum of the weights, as lines of name=value. Without what may differ from machine to
// machine: where files lie, threads and memory.
std::string agreement(const Config &config, const TrainingState &state);

}  // namespace slimscale::trainer
