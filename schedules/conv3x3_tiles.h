// The stages of the 3x3 convolution in AMX tiles (generators/blocks/conv3x3_tiles.cpp) and their schedule.
#pragma once

#include <cstddef>

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

struct Conv3x3TilesStages {
    Halide::Func rows{"rows"};      // (y): buffer row
    Halide::Func pixels{"pixels"};  // (c, x, y): the input, c up to padded_inputs
    Halide::Func sum{"sum"};        // (o16, x, block, y): in a tile; a reduction over channels of a step, kx, ky, steps
    Halide::Func sums;              // the same, in memory
};

// The input channels that one tile instruction takes, 16 or 32, and their count in whole steps.
int inputs_per_step(int channels_in);
int padded_inputs(int channels_in);

// `output` (c, x, y): one group and phase.
void conv3x3_tiles(Conv3x3TilesStages &stages, Halide::Func output, Channels channels);

// Lets the pipeline hold the sums of 2 x 16 pixels and, where blocks of output channels are even, of 2 x 16 channels in tiles
// at a time: Halide 21 holds one, and each instruction then waits for the one before (52 cycles instead of 16).
void hold_several_accumulators(Halide::Pipeline pipeline, Channels channels);

// The most bytes that one worker takes from halide_malloc.
size_t conv3x3_tiles_scratch_bytes(Channels channels);

}  // namespace slimscale::schedules
