// Direct, 4 channels of 4x4 pixels per thread. Two input channels of the 6x6 pixels below make an iteration of 1,152
// FFMA for 36 loads of 8 bytes and 18 of 16.
//
// ptxas 12.9 for sm_86, any channel count: 168 registers, no spills, 1,242 instructions an iteration, 93 % of them FFMA.
// What mattered: filters in blocks of 32 output channels, whose taps lie at constant addresses (with free strides 254
// registers and 83 %); a stride in x that is known (255 and 89 % without). Four input channels at a time need 206
// registers, and one 86 %.
#include "schedules/gpu/blocks.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void conv3x3(Stages &stages, Func output, Channels channels, Expr stride) {
    constexpr int kInputs = 2;
    const Var thread = tile(output, channels.out, {kVector, 4, 4});
    auto &[pixels, taps, sum] = stages;
    Var c("c"), x("x"), y("y");
    const std::vector<RVar> r = sum.rvars(0);  // ci, kx, ky
    RVar outer("outer"), inner("inner");
    sum.compute_at(output, thread).store_in(MemoryType::Register).vectorize(c).unroll(x).unroll(y);
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
