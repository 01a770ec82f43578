// Winograd's F(4x4, 3x3) on GPUs: three kernels with their intermediates in memory, as the 36 transformed inputs and 36
// products of a tile do not fit in registers together with the operands of a matrix product.
#pragma once

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules::gpu {

// Whether a 3x3 convolution is computed by Winograd rather than directly. Through memory a layer moves 44 bytes per channel
// and pixel instead of 8, and multiplies a quarter as often. Estimates from published peaks (docs/decisions/0031), without a
// measurement: 0.3 to 2.2 times as fast as the direct kernel at 64 channels, slower on most GPUs; 0.6 to 3.4 times at 128,
// faster on most; 1.0 to 3.4 times at 256.
inline bool by_winograd(Channels channels) {
    constexpr int kLeast = 128;
    return channels.in >= kLeast && channels.out >= kLeast;
}

struct WinogradInputStages {
    Halide::Func pixels;   // (c, i, j, tx, ty): the tile's 6x6
    Halide::Func columns;  // (c, i, l, tx, ty): transformed along y
};
void winograd_input(WinogradInputStages &stages, Halide::Func output, int channels);

struct WinogradProductStages {
    Halide::Func inputs;  // (ci, tile, f)
    Halide::Func taps;    // (c, ci, f)
    Halide::Func sum;     // (c, tile, f), reduced over ci
};
void winograd_product(WinogradProductStages &stages, Halide::Func output, Channels channels);

struct WinogradOutputStages {
    Halide::Func rows;    // (c, p, l, tx, ty): transformed back along x
    Halide::Func result;  // (c, p, q, tx, ty): 4x4 pixels per tile
};
void winograd_output(WinogradOutputStages &stages, Halide::Func output, int channels);

}  // namespace slimscale::schedules::gpu
