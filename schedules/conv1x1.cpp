// A matrix product over pixels: up to 4 pixels of one or two rows times some vectors of output channels in registers.
// AMD EPYC (Zen 5), 128x128, 64 channels, one thread, share of the FMA peak from 1 and 4 segments: AVX-512 97 and 96 %,
// in fixed point 161 and 152 %, AVX2 88 and 86 %.
//
// In fixed point the pixels of a register tile are rounded to int16 just before it, on the stack unless they are many.
#include "schedules/conv1x1.h"

#include "schedules/products.h"
#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;

namespace {

constexpr int kAccumulators = 16;  // 8 only just hide a latency of 4 cycles at two products a cycle
// Tasks have conv3x3's shape, with columns outside, so that a thread reads what it wrote itself.
constexpr int kStripColumns = 64, kStripRows = 4;

// Rows of pixels in a register tile. Two always divide the output, whose rows are a multiple of 4.
int rows_together(const Blocking &b, const Target &target) {
    const int accumulators = b.vectors * b.pixels;
    const bool room = 2 * accumulators + b.vectors + 1 <= vector_registers(target);
    return accumulators < kAccumulators && room ? 2 : 1;
}

}  // namespace

void conv1x1(const Conv1x1Stages &stages, Func output, int channels_in, const Blocking &b, const Target &target) {
    Func sum = stages.sum;
    const bool q16 = !stages.pixels.empty();

    Var c("c"), x("x"), y("y"), lane("lane"), vector("vector"), group("group");
    Var inner_x("inner_x"), inner_y("inner_y"), strip("strip"), band("band"), task("task");
    output.tile(x, y, x, y, inner_x, inner_y, b.pixels, rows_together(b, target), TailStrategy::RoundUp)
        .split(x, strip, x, kStripColumns / b.pixels, TailStrategy::GuardWithIf)
        .split(y, band, y, kStripRows / rows_together(b, target), TailStrategy::RoundUp)
        .split(c, group, lane, b.lanes * b.vectors)
        .reorder(lane, inner_x, inner_y, group, x, y, band, strip)
        .vectorize(lane, b.lanes)
        .unroll(lane)
        .unroll(inner_x)
        .unroll(inner_y)
        .fuse(band, strip, task)
        .parallel(task)
        .never_partition_all();
    sum.compute_at(output, group).vectorize(c, b.lanes).unroll(c).unroll(x).unroll(y).store_in(MemoryType::Register);
    for (int s = 0; s < sum.num_update_definitions(); s++)
        schedule_products(sum, s, {x, y}, q16, b);
    const int input_lanes = vector_lanes(target, channels_in);
    for (Func pixels : stages.pixels) {
        const Var ci = pixels.args()[0];
        pixels.compute_at(output, x)
            .bound(ci, 0, channels_in)
            .split(ci, vector, lane, input_lanes)
            .reorder(lane, x, y, vector)
            .vectorize(lane)
            .unroll(x)
            .unroll(y);
    }
    for (Func rows : stages.rows)
        rows.compute_at(output, task);
}

size_t conv1x1_scratch_bytes(int channels_in, int segments, bool q16, const Blocking &b, const Target &target) {
    constexpr size_t kLostPerAllocation = 256;  // alignment and Halide's own padding
    const int tensors = segments + 1;           // each, the addend too, has a table of rows
    const int allocations = tensors + (q16 ? segments : 0);
    const int pixels = q16 ? segments * channels_in * b.pixels * rows_together(b, target) : 0;
    return static_cast<size_t>(pixels) * sizeof(int16_t) + static_cast<size_t>(allocations) * kLostPerAllocation;
}

}  // namespace slimscale::schedules
