#include "schedules/gpu/winograd.h"

#include "contract/layout.h"
#include "schedules/gpu/threads.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

using contract::kAlpha;
using contract::kTilesTogether;

// A vector of channels of a tile per thread: 36 loads and 36 stores of 16 bytes. Bound by memory.
void winograd_input(WinogradInputStages &stages, Func output, int channels) {
    const Threads t = threads(channels / kVector);
    const std::vector<Var> args = output.args();  // c, tx, ty, k, l
    const Var c = args[0], x = args[1], y = args[2], k = args[3], l = args[4];
    Var lane("lane"), group("group"), tx("tx"), ty("ty"), bx("bx"), by("by");
    output.bound(k, 0, kAlpha)
        .bound(l, 0, kAlpha)
        .split(c, group, lane, kVector)
        .split(x, bx, tx, t.columns, TailStrategy::GuardWithIf)
        .split(y, by, ty, t.rows, TailStrategy::GuardWithIf)
        .reorder(lane, k, l, group, tx, ty, bx, by)
        .vectorize(lane)
        .unroll(k)
        .unroll(l)
        .gpu_threads(group, tx, ty)
        .gpu_blocks(bx, by)
        .never_partition_all();
    for (Func stage : {stages.pixels, stages.columns}) {
        const std::vector<Var> at = stage.args();
        stage.compute_at(output, group)
            .store_in(MemoryType::Register)
            .vectorize(at[0])
            .unroll(at[1])
            .unroll(at[2]);
    }
}

// 8 channels of 8 tiles per thread. What four input channels need is staged at a time, 16 loads of 16 bytes for 256 FFMA;
// 16 input channels make an iteration of 1,024.
//
// ptxas 12.9, 128 channels: 168 registers as the direct kernel, no spills, 91 % FFMA (sm_75: 1,127 instructions, sm_86:
// 1,133, sm_90: 1,126). ptxas moves some thirty sums between registers at the end of an iteration, so that iterations of
// 4 and 8 channels have 80 and 85 %. Every load of 16 bytes takes a warp four passes of L1, so that L1 is busy in all clocks
// that FFMA take on multiprocessors of 128 lanes; 12 tiles per thread would leave it idle for a sixth of them, with 93 %
// FFMA, but take 255 registers (2 blocks of threads instead of 3). Which of the two is faster has not been measured.
void winograd_product(WinogradProductStages &stages, Func output, Channels channels) {
    constexpr int kVectors = 2;
    const int unrolled = channels.in % 16 == 0 ? 16 : 8;  // input channels of an iteration
    const int groups = channels.out / (kVectors * kVector);
    const Threads t = threads(groups);
    auto &[inputs, taps, sum] = stages;
    const std::vector<Var> args = output.args();  // c, tile, f
    const Var c = args[0], tile = args[1], f = args[2];
    Var lane("lane"), vector("vector"), group("group"), inner("inner"), column("column"), block("block");
    // A thread's vectors of channels lie apart, so that its neighbours' loads of filters are lines.
    output.split(c, vector, c, kVector * groups)
        .split(c, group, lane, kVector)
        .split(tile, tile, inner, kTilesTogether)
        .split(tile, block, column, t.columns * t.rows, TailStrategy::GuardWithIf)
        .reorder(lane, vector, inner, group, column, block, f)
        .vectorize(lane)
        .unroll(vector)
        .unroll(inner)
        .gpu_threads(group, column)
        .gpu_blocks(block, f)
        .never_partition_all();
    const RVar r = sum.rvars(0)[0];
    RVar iteration("iteration"), outer("outer"), ci("ci");
    sum.compute_at(output, group).store_in(MemoryType::Register).vectorize(c, kVector).unroll(c).unroll(tile);
    sum.update()
        .split(r, iteration, ci, unrolled)
        .split(ci, outer, ci, kVector)
        .reorder(c, tile, ci, outer, iteration)
        .vectorize(c, kVector)
        .unroll(c)
        .unroll(tile)
        .unroll(ci)
        .unroll(outer);
    const std::vector<Var> at = inputs.args(), tap = taps.args();
    inputs.compute_at(sum, outer).store_in(MemoryType::Register).vectorize(at[0]).unroll(at[1]);
    taps.compute_at(sum, outer).store_in(MemoryType::Register).vectorize(tap[0], kVector).unroll(tap[0]).unroll(tap[1]);
}

// 4 channels of a tile's 4x4 pixels per thread: 36 loads and 16 stores of 16 bytes. Bound by memory.
void winograd_output(WinogradOutputStages &stages, Func output, int channels) {
    const Var thread = tile(output, channels, {kVector, 4, 4});
    for (Func stage : {stages.rows, stages.result}) {
        const std::vector<Var> at = stage.args();
        stage.compute_at(output, thread)
            .store_in(MemoryType::Register)
            .vectorize(at[0])
            .unroll(at[1])
            .unroll(at[2])
            .unroll(at[3])
            .unroll(at[4]);
    }
}

}  // namespace slimscale::schedules::gpu
