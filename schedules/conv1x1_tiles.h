// The stages of the 1x1 convolution in AMX tiles (generators/blocks/conv1x1_tiles.cpp) and their schedule.
#pragma once

#include <cstddef>
#include <vector>

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

struct Conv1x1TilesStages {
    std::vector<Halide::Func> rows;  // (y): buffer row, one per segment
    Halide::Func pixels{"pixels"};   // (c, x, segment, y): the inputs, c up to padded_inputs
    Halide::Func sum{"sum"};         // (o16, x, block, y): in a tile; a reduction over channels of a step, steps, segments
    Halide::Func sums;               // the same, in memory
};

// `output` (c, x, y). `channels.in` is that of a segment. schedules/tiles.h has the lowering pass that the pipeline needs
// besides.
void conv1x1_tiles(Conv1x1TilesStages &stages, Halide::Func output, Channels channels, int segments);

// The most bytes that one worker takes from halide_malloc.
size_t conv1x1_tiles_scratch_bytes(Channels channels, int segments);

}  // namespace slimscale::schedules
