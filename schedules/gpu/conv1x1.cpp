// 8 channels of 4x2 pixels per thread, four input channels at a time: 256 FFMA for 16 loads of 16 bytes. Mostly bound by
// memory: 24 operations per byte at 64 channels from 3 segments.
#include "schedules/gpu/blocks.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void conv1x1(Conv1x1Stages &stages, Func output, int channels) {
    constexpr Tile kTile{2 * kVector, 4, 2};
    const Var thread = tile(output, channels, kTile);
    Func sum = stages.sum;
    Var c("c"), x("x"), y("y");
    whole_tiles(sum, kTile).compute_at(output, thread).store_in(MemoryType::Register).vectorize(c, kVector).unroll(c).unroll(x).unroll(y);
    for (int s = 0; s < sum.num_update_definitions(); s++) {
        RVar outer("outer"), inner("inner");
        sum.update(s)
            .split(sum.rvars(s)[0], outer, inner, kVector)
            .reorder(c, x, y, inner, outer)
            .vectorize(c, kVector)
            .unroll(c)
            .unroll(x)
            .unroll(y)
            .unroll(inner);
        Func pixels = stages.pixels[static_cast<size_t>(s)], taps = stages.taps[static_cast<size_t>(s)];
        const std::vector<Var> at = pixels.args(), tap = taps.args();
        pixels.compute_at(sum, outer).store_in(MemoryType::Register).vectorize(at[0]).unroll(at[1]).unroll(at[2]);
        taps.compute_at(sum, outer).store_in(MemoryType::Register).vectorize(tap[0], kVector).unroll(tap[0]).unroll(tap[1]);
    }
}

}  // namespace slimscale::schedules::gpu
