// With few outputs and many inputs, vectors run along the input channels: those of 4 pixels x 1 or 3 colors are in registers
// (up to 12 accumulators), and each is summed across its lanes at the end. AMD EPYC (Zen 4), 128x128, one thread, AVX2: 101 GF/s from
// 64 channels (90 % of the FMA peak), 87 from 16, where the sums across lanes show. 4x4 taps have the same inner loops,
// 16 of 12 FMA and 7 loads each instead of 9, without spills on AVX2; in frames of EDSR at 16 channels they run at 82 %
// of the FMA peak (docs/performance.md).
#include "schedules/tail.h"

namespace slimscale::schedules {

using namespace Halide;

void tail(const TailStages &stages, Func output, Func image_rows, int colors, const Blocking &b) {
    Func rows = stages.rows, sum = stages.sum;
    RVar ci = sum.rvars(0)[0], kx = sum.rvars(0)[1], ky = sum.rvars(0)[2], outer("outer"), inner("inner");
    Var o("o"), x("x"), y("y"), lane("lane"), inner_x("inner_x");
    sum.update().split(ci, outer, inner, b.lanes);
    Func partial = sum.update().rfactor(inner, lane);

    output.bound(o, 0, colors)
        .split(x, x, inner_x, b.pixels, TailStrategy::RoundUp)
        .reorder(o, inner_x, x, y)
        .unroll(o)
        .unroll(inner_x)
        .parallel(y);
    partial.compute_at(output, x)
        .reorder_storage(lane, o, x, y)
        .reorder(lane, o, x)
        .vectorize(lane)
        .unroll(o)
        .unroll(x)
        .store_in(MemoryType::Register);
    partial.update()
        .reorder(lane, o, x, outer, kx, ky)
        .vectorize(lane)
        .unroll(o)
        .unroll(x)
        .unroll(outer, b.unroll)
        .unroll(kx)
        .unroll(ky);
    sum.compute_at(output, x).unroll(o).unroll(x).store_in(MemoryType::Register);
    sum.update().reorder(inner, o, x).atomic().vectorize(inner).unroll(o).unroll(x);
    rows.compute_at(output, y);
    if (image_rows.defined())
        image_rows.compute_at(output, y);
}

}  // namespace slimscale::schedules
