// A thread per pixel computes its colors one after the other, as images may have any strides. It is bound by memory and runs
// once a frame.
#include "schedules/gpu/blocks.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void image(Func output, const std::vector<Func> &sums) {
    constexpr int kColumns = 32, kRows = 4;
    const std::vector<Var> args = output.args();  // (c, x, y) or (x, y)
    const Var x = args[args.size() - 2], y = args.back();
    Var tx("tx"), ty("ty"), bx("bx"), by("by");
    output.split(x, bx, tx, kColumns, TailStrategy::GuardWithIf)
        .split(y, by, ty, kRows, TailStrategy::GuardWithIf)
        .reorder(tx, ty, bx, by)
        .gpu_threads(tx, ty)
        .gpu_blocks(bx, by)
        .never_partition_all();
    if (args.size() > 2)
        output.reorder(args[0], tx, ty, bx, by).unroll(args[0]);
    for (Func sum : sums) {
        sum.compute_at(output, tx).store_in(MemoryType::Register).never_partition_all();
        sum.update().never_partition_all();
    }
}

}  // namespace slimscale::schedules::gpu
