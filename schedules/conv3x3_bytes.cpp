// Rows of pixels are rounded to bytes as they are copied, once for all output rows of a call, and three of them are read for
// each. The schedule has not been timed: no machine of the project has AMX (docs/decisions/0071). A prototype of the same
// tiles, whose input was bytes and was read in place, gave 3,100 GF/s at 64 channels on a Sapphire Rapids processor, one
// thread, 128x128; bf16 gave 1,450.
#include "schedules/conv3x3_bytes.h"

#include "contract/layout.h"
#include "schedules/tiles.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

constexpr int kRowsHeld = 4;  // of copied pixels: the three that are read, to a power of two

}  // namespace

// An instruction takes as long for 16 channels as for 64, so whole steps of 64 pay from 33 channels on.
int bytes_per_step(int channels_in) {
    constexpr int kLargest = contract::kTileBytes;
    return channels_in > kLargest / 2 ? kLargest : channels_in > kLargest / 4 ? kLargest / 2
                                                                              : kLargest / 4;
}

int padded_bytes(int channels_in) {
    const int step = bytes_per_step(channels_in);
    return (channels_in + step - 1) / step * step;
}

void conv3x3_bytes(Conv3x3BytesStages &stages, Func output, Channels channels) {
    auto &[rows, pixels, sum, sums] = stages;
    const TileLoops loops = tile_loops(output, channels.out);
    Var c("c"), x("x"), y("y"), part("part"), lane("lane");
    rows.compute_at(pixels, y);
    pixels.store_at(output, loops.strip)
        .compute_at(output, loops.y)
        .fold_storage(y, kRowsHeld)
        .bound(c, 0, padded_bytes(channels.in))
        .split(c, part, lane, lanes_of(channels.in))
        .reorder(lane, part, x, y)
        .vectorize(lane)
        .unroll(part)
        .never_partition_all();
    sum_in_tiles(sum, sums, output, loops, channels.out);
}

size_t conv3x3_bytes_scratch_bytes(Channels channels) {
    constexpr size_t kLost = 256;  // by alignment and Halide's own padding
    return static_cast<size_t>(padded_bytes(channels.in)) * (kStripColumns + 2) * kRowsHeld + kLost;
}

}  // namespace slimscale::schedules
