// How a Winograd convolution is cut into register tiles and strips.
#pragma once

#include "Halide.h"
#include "schedules/channels.h"

namespace slimscale::schedules {

struct Blocking {
    int lanes;           // output channels in a vector
    int vectors;         // vectors of output channels in a register tile
    int tiles;           // tiles in a register tile: at most 8, since inputs can be read 32 columns beyond the last
    int strip;           // tiles in a strip, a multiple of `tiles`
    int unroll;          // input channels whose products follow each other without a branch
    bool unroll_groups;  // groups of vectors straddle the filter's blocks of 16: their addresses must be constants
};

// By rules, from the target's registers and cache. `q16`: inputs are int16, in pairs of channels.
Blocking blocking(Channels channels, bool q16, const Halide::Target &target);

// Of a tile: transformed inputs, int16 in q16, and products.
int tile_bytes(Channels channels, bool q16);

}  // namespace slimscale::schedules
