// Direct, 4 channels of 4x4 pixels per thread. Two input channels of the 6x6 pixels below make an iteration of 1,152
// FFMA for 36 loads of 8 bytes and 18 of 16.
//
// ptxas 12.9 for sm_86, any channel count: 168 registers, no spills, 1,226 instructions an iteration, 94 % of them FFMA;
// 250 registers and 90 % in the kernel for any stride in x (report.md). From activations in f16, each widened
// once when it is staged: 168 registers, 1,299 instructions and 89 %. Filters lie in blocks of 32 output channels so that
// their taps are at constant addresses. Two input channels at a time: four need more registers, and one leaves fewer FFMA
// per load of a filter.
#include "schedules/gpu/blocks.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void conv3x3(Stages &stages, Func output, Channels channels, Expr stride) {
    constexpr int kInputs = 2;
    constexpr Tile kTile{kVector, 4, 4};
    const Var thread = tile(output, channels.out, kTile);
    auto &[pixels, taps, sum] = stages;
    Var c("c"), x("x"), y("y");
    const std::vector<RVar> r = sum.rvars(0);  // ci, kx, ky
    RVar outer("outer"), inner("inner");
    whole_tiles(sum, kTile).compute_at(output, thread).store_in(MemoryType::Register).vectorize(c).unroll(x).unroll(y);
    sum.update()
        .split(r[0], outer, inner, kInputs)
        .reorder(c, x, y, r[1], r[2], inner, outer)
        .vectorize(c)
        .unroll(x)
        .unroll(y)
        .unroll(r[1])
        .unroll(r[2])
        .unroll(inner);
    const std::vector<Var> at = pixels.args(), tap = taps.args();
    pixels.compute_at(sum, outer).store_in(MemoryType::Register).vectorize(at[0]).unroll(at[1]).unroll(at[2]);
    taps.compute_at(sum, outer)
        .store_in(MemoryType::Register)
        .vectorize(tap[0])
        .unroll(tap[1])
        .unroll(tap[2])
        .unroll(tap[3]);
    output.specialize(stride == channels.in);
}

}  // namespace slimscale::schedules::gpu
