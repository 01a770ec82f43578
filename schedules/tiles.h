// What pipelines in AMX tiles share: sums of 16 pixels x 16 output channels, which instructions add to in steps of 16 or 32
// input channels, and several of them at a time.
#pragma once

#include "Halide.h"

namespace slimscale::schedules {

constexpr int kTileSide = 16;      // pixels and output channels of an accumulator
constexpr int kStripColumns = 64;  // of pixels that are copied at a time, so that tiles have constant strides

// The input channels that one tile instruction takes, 16 or 32, and their count in whole steps.
int inputs_per_step(int channels_in);
int padded_inputs(int channels_in);

// Channels in a vector: 16, or 8 if their count is no multiple of that.
int lanes_of(int channels);

// Loops of an output around the places where its stages are computed.
struct TileLoops {
    Halide::Var strip{"strip"};  // columns, kStripColumns of them; parallel
    Halide::Var y{"y"};
    Halide::Var group{"group"};  // output channels of the accumulators that live together
};

// The order in which `output` (c, x, y) of `channels_out` channels is computed from accumulators.
TileLoops tile_loops(Halide::Func output, int channels_out);

// Forms `sum` (o16, x, block, y) in tiles. Its update reduces over the input channels of a step first, then over whatever
// else, in that order. `sums` is the wrapper that holds it in memory, computed at `loops.group` of `output`.
void sum_in_tiles(Halide::Func sum, Halide::Func sums, Halide::Func output, const TileLoops &loops, int channels_out);

// Lets the pipeline hold the sums of 2 x 16 pixels and, where blocks of output channels are even, of 2 x 16 channels in tiles
// at a time: Halide 21 holds one, and each instruction then waits for the one before (52 cycles instead of 16).
void hold_several_accumulators(Halide::Pipeline pipeline, int channels_out);

}  // namespace slimscale::schedules
