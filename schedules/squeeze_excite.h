// The stages of channel attention's factors (generators/blocks/squeeze_excite.cpp) and their schedule.
#pragma once

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

// Each is a vector over channels (c), in the order of computation.
struct SqueezeExciteStages {
    Halide::Func total;  // over the rows
    Halide::Func mean;
    Halide::Func squeeze;  // W1 mean + b1
    Halide::Func relu;
    Halide::Func excite;  // W2 relu + b2
};

// channels.in are the tensor's, channels.out the squeezed ones.
void squeeze_excite(const SqueezeExciteStages &stages, Halide::Func output, Channels channels, const Halide::Target &target);

}  // namespace slimscale::schedules
