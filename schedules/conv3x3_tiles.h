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

// `output` (c, x, y): one group and phase. schedules/tiles.h has the lowering pass that the pipeline needs besides.
void conv3x3_tiles(Conv3x3TilesStages &stages, Halide::Func output, Channels channels);

// The most bytes that one worker takes from halide_malloc.
size_t conv3x3_tiles_scratch_bytes(Channels channels);

}  // namespace slimscale::schedules
