// A row of a strip is copied from all segments, then multiplied. By count, 16 pixels of 4 segments of 64 channels take 128
// loads and 128 stores for the copy and 32 products of tiles for 64 outputs (512 cycles); without tiles they take 16,384
// vector multiply-adds (8,192 cycles). The schedule has not been timed: no machine of the project has AMX
// (docs/decisions/0069).
#include "schedules/conv1x1_tiles.h"

#include "schedules/tiles.h"

namespace slimscale::schedules {

using namespace Halide;

void conv1x1_tiles(Conv1x1TilesStages &stages, Func output, Channels channels, int segments) {
    const TileLoops loops = tile_loops(output, channels.out);
    Var c("c"), x("x"), segment("segment"), y("y"), part("part"), lane("lane");
    stages.pixels.compute_at(output, loops.y)
        .bound(c, 0, padded_inputs(channels.in))
        .bound(segment, 0, segments)
        .split(c, part, lane, lanes_of(channels.in))
        .reorder(lane, part, x, segment, y)
        .vectorize(lane)
        .unroll(part)
        .unroll(segment)
        .never_partition_all();
    for (Func rows : stages.rows)
        rows.compute_at(stages.pixels, y);
    sum_in_tiles(stages.sum, stages.sums, output, loops, channels.out);
}

size_t conv1x1_tiles_scratch_bytes(Channels channels, int segments) {
    constexpr size_t kBytes = 2, kLost = 256;  // of a number; by alignment and Halide's own padding
    const size_t values = static_cast<size_t>(padded_inputs(channels.in)) * kStripColumns;
    return (values * kBytes + kLost) * static_cast<size_t>(segments);
}

}  // namespace slimscale::schedules
