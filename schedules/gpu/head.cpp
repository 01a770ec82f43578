// 4 channels of 4x2 pixels per thread, a color at a time with its 9 taps unrolled.
#include "schedules/gpu/blocks.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void head(Stages &stages, Func output, Channels channels) {
    constexpr Tile kTile{kVector, 4, 2};
    const Var thread = tile(output, channels.out, kTile);
    auto &[pixels, taps, sum] = stages;
    Var c("c"), x("x"), y("y");
    const std::vector<RVar> r = sum.rvars(0);  // kx, ky, ci
    whole_tiles(sum, kTile).compute_at(output, thread).store_in(MemoryType::Register).vectorize(c).unroll(x).unroll(y);
    sum.update().reorder(c, x, y, r[0], r[1], r[2]).vectorize(c).unroll(x).unroll(y).unroll(r[0]).unroll(r[1]);
    const std::vector<Var> at = pixels.args(), tap = taps.args();
    pixels.compute_at(sum, r[2]).store_in(MemoryType::Register).unroll(at[0]).unroll(at[1]).unroll(at[2]);
    taps.compute_at(sum, r[2]).store_in(MemoryType::Register).vectorize(tap[0]).unroll(tap[2]).unroll(tap[3]);
}

}  // namespace slimscale::schedules::gpu
