// The stages of the first convolution (generators/blocks/head.cpp) and their schedule.
#pragma once

#include "Halide.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

struct HeadStages {
    Halide::Func rows;  // (y): buffer row
    Halide::Func sum;   // (c, x, y), reduced over kx, ky, color
};

void head(const HeadStages &stages, Halide::Func output, const Blocking &blocking);

}  // namespace slimscale::schedules
