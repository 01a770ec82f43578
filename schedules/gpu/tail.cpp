// All colors of 4x2 pixels per thread, four input channels at a time. Lanes of a warp read distant pixels, a line each:
// bound by L1, a few per cent of a network's work.
//
// What an iteration reads is in registers: 3x3 taps of four channels fit (ptxas 12.9: no spills, all 255 registers on
// sm_90, 65 % FFMA), of 4x4 taps one row (167; all of them spill). Stores under an `if` in y too would spill, predicated
// ones in x too cost 450 instructions more, and a kernel of its own for dense inputs spills.
#include "schedules/gpu/blocks.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void tail(Stages &stages, Func output, Channels channels, int kernel) {
    constexpr int kColumns = 8, kRows = 16;
    const Tile kTile{channels.out, 4, 2};
    auto &[pixels, taps, sum] = stages;
    const Var c = output.args()[0];
    Var x("x"), y("y"), ix("ix"), iy("iy"), tx("tx"), ty("ty"), bx("bx"), by("by");
    output.bound(c, 0, channels.out)
        .split(x, x, ix, kTile.width, TailStrategy::GuardWithIf)
        .split(y, y, iy, kTile.height, TailStrategy::PredicateStores)
        .split(x, bx, tx, kColumns, TailStrategy::GuardWithIf)
        .split(y, by, ty, kRows, TailStrategy::GuardWithIf)
        .reorder(c, ix, iy, tx, ty, bx, by)
        .unroll(c)
        .unroll(ix)
        .unroll(iy)
        .gpu_threads(tx, ty)
        .gpu_blocks(bx, by)
        .never_partition_all();
    const std::vector<RVar> r = sum.rvars(0);  // ci, kx, ky
    RVar outer("outer"), inner("inner");
    const bool by_rows = kernel > 3;
    sum.bound_extent(sum.args()[1], kTile.width)
        .compute_at(output, tx)
        .store_in(MemoryType::Register)
        .unroll(c)
        .unroll(x)
        .unroll(y);
    sum.update()
        .split(r[0], outer, inner, kVector)
        .reorder(c, x, y, r[1], inner, r[2], outer)
        .unroll(c)
        .unroll(x)
        .unroll(y)
        .unroll(r[1])
        .unroll(inner);
    if (!by_rows)
        sum.update().unroll(r[2]);
    const LoopLevel iteration(sum, by_rows ? r[2] : outer);
    const std::vector<Var> at = pixels.args(), tap = taps.args();  // taps: c, ci, kx, ky, of which ci is dense
    pixels.compute_at(iteration).store_in(MemoryType::Register).vectorize(at[0]).unroll(at[1]).unroll(at[2]);
    taps.compute_at(iteration)
        .store_in(MemoryType::Register)
        .reorder(tap[1], tap[0], tap[2], tap[3])
        .reorder_storage(tap[1], tap[0], tap[2], tap[3])
        .vectorize(tap[1])
        .unroll(tap[0])
        .unroll(tap[2])
        .unroll(tap[3]);
}

}  // namespace slimscale::schedules::gpu
