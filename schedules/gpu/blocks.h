// The blocks on GPUs: each has one schedule for CUDA, OpenCL and Vulkan. None uses gpu_lanes, which only CUDA has, and only
// squeeze_excite has barriers: elsewhere threads share data through L1.
//
// A thread holds 4 or 8 output channels of a small square of pixels in registers. Neighbouring threads hold neighbouring
// channels of the same pixels, so that a warp's reads of pixels are broadcasts and its reads of filters and its writes
// are whole lines.
#pragma once

#include <vector>

#include "Halide.h"
#include "schedules/channels.h"
#include "schedules/squeeze_excite.h"

namespace slimscale::schedules::gpu {

// What a convolution's threads read, staged in registers as vectors, and their sums.
struct Stages {
    Halide::Func pixels;  // (ci, x, y) in the output's coordinates
    Halide::Func taps;    // (c, ci, kx, ky), or (c, ci) of a 1x1 convolution
    Halide::Func sum;     // (c, x, y), reduced over ci, kx, ky
};

// `stride` is the input's in x. Inputs whose pixels lie side by side (stride == channels.in) get a kernel of their own, with
// constant addresses.
void conv3x3(Stages &stages, Halide::Func output, Channels channels, Halide::Expr stride);
void head(Stages &stages, Halide::Func output, Channels channels);
void tail(Stages &stages, Halide::Func output, Channels channels, int kernel);  // 3: 3x3, 4: 4x4

struct Conv1x1Stages {
    std::vector<Halide::Func> pixels, taps;  // one per segment
    Halide::Func sum;                        // one update per segment
};
void conv1x1(Conv1x1Stages &stages, Halide::Func output, int channels);

void row_sum(Halide::Func sum, Halide::Func output, int channels);
void squeeze_excite(const SqueezeExciteStages &stages, Halide::Func output, Channels channels);

// Pixels of images: an output (c, x, y), where `c` has a constant extent, or (x, y). Each thread computes its own `sums`
// (x, y).
void image(Halide::Func output, const std::vector<Halide::Func> &sums = {});

}  // namespace slimscale::schedules::gpu
