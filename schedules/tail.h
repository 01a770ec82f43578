// The stages of the last convolution (generators/blocks/tail.cpp) and their schedule.
#pragma once

#include "Halide.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

struct TailStages {
    Halide::Func rows;  // (y): buffer row
    Halide::Func sum;   // (o, x, y), reduced over ci, kx, ky
};

void tail(const TailStages &stages, Halide::Func output, int colors, const Blocking &blocking);

}  // namespace slimscale::schedules
