// The stages of the last convolution (generators/blocks/tail.cpp) and their schedule.
#pragma once

#include "Halide.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

struct TailStages {
    Halide::Func rows;  // (y): buffer row
    Halide::Func sum;   // (o, x, y), reduced over ci, kx, ky
};

// image_rows (y) is the buffer row of the input image where the image is added, and undefined elsewhere.
void tail(const TailStages &stages, Halide::Func output, Halide::Func image_rows, int colors, const Blocking &blocking);

}  // namespace slimscale::schedules
