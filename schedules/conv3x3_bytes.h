// The stages of the 3x3 convolution of bytes in AMX tiles (generators/blocks/conv3x3_bytes.cpp) and their schedule.
#pragma once

#include <cstddef>

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

struct Conv3x3BytesStages {
    Halide::Func rows{"rows"};      // (y): buffer row
    Halide::Func pixels{"pixels"};  // (c, x, y): the input as unsigned bytes, c up to padded_bytes
    Halide::Func sum{"sum"};        // (o16, x, block, y): in a tile; a reduction over channels of a step, kx, ky, steps
    Halide::Func sums;              // the same, in memory
};

// The input channels that one tile instruction takes, 16, 32 or 64, and their count in whole steps.
int bytes_per_step(int channels_in);
int padded_bytes(int channels_in);

// `output` (c, x, y): one group and phase. schedules/tiles.h has the lowering pass that the pipeline needs besides.
void conv3x3_bytes(Conv3x3BytesStages &stages, Halide::Func output, Channels channels);

// The most bytes that one worker takes from halide_malloc.
size_t conv3x3_bytes_scratch_bytes(Channels channels);

}  // namespace slimscale::schedules
