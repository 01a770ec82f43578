// The stages of the 1x1 convolution (generators/blocks/conv1x1.cpp) and their schedule.
#pragma once

#include <vector>

#include "Halide.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

struct Conv1x1Stages {
    std::vector<Halide::Func> rows;    // (y): buffer row, one per tensor read
    std::vector<Halide::Func> pixels;  // (c, x, y): int16, one per segment, in fixed point (q16); else none
    Halide::Func sum;                  // (c, x, y): one update per segment, reduced over its channels
};

// The most bytes that one worker allocates at a time.
size_t conv1x1_scratch_bytes(int channels_in, int segments, bool q16, const Blocking &blocking,
                             const Halide::Target &target);

void conv1x1(const Conv1x1Stages &stages, Halide::Func output, int channels_in, const Blocking &blocking,
             const Halide::Target &target);

}  // namespace slimscale::schedules
