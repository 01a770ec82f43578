// Rows of pixels are copied once for all output rows of a call, and three of them are read for each. The schedule as it is
// here has not been timed: no machine of the project has AMX (docs/decisions/0062). A prototype with the same tiles and
// steps, whose input was read in place, gave on a Sapphire Rapids processor at 128x128, one thread, with one accumulator and
// with four (16 channels: two): 883 and 970 GF/s at 16 channels, 1,250 and 1,550 at 32, 780 and 1,450 at 64, 777 and 1,490 at
// 128; the peak from the first cache is 2,950.
#include "schedules/conv3x3_tiles.h"

#include "schedules/tiles.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

constexpr int kRowsHeld = 4;  // of copied pixels: the three that are read, to a power of two

}  // namespace

void conv3x3_tiles(Conv3x3TilesStages &stages, Func output, Channels channels) {
    auto &[rows, pixels, sum, sums] = stages;
    const TileLoops loops = tile_loops(output, channels.out);
    Var c("c"), x("x"), y("y"), part("part"), lane("lane");
    rows.compute_at(pixels, y);
    pixels.store_at(output, loops.strip)
        .compute_at(output, loops.y)
        .fold_storage(y, kRowsHeld)
        .bound(c, 0, padded_inputs(channels.in))
        .split(c, part, lane, lanes_of(channels.in))
        .reorder(lane, part, x, y)
        .vectorize(lane)
        .unroll(part)
        .never_partition_all();
    sum_in_tiles(sum, sums, output, loops, channels.out);
}

size_t conv3x3_tiles_scratch_bytes(Channels channels) {
    constexpr size_t kBytes = 2, kLost = 256;  // of a number; by alignment and Halide's own padding
    return static_cast<size_t>(padded_inputs(channels.in)) * (kStripColumns + 2) * kRowsHeld * kBytes + kLost;
}

}  // namespace slimscale::schedules
