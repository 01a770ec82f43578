// A thread per channel and row, which adds in the order of x as on CPUs: neighbouring threads read neighbouring channels.
#include "schedules/gpu/blocks.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void row_sum(Func sum, Func output, int channels) {
    const int threads = channels % 32 == 0 ? 32 : 8;
    Var c("c"), y("y"), block("block"), thread("thread");
    output.split(c, block, thread, threads).reorder(thread, block, y).gpu_threads(thread).gpu_blocks(block, y);
    sum.compute_at(output, thread).store_in(MemoryType::Register);
}

}  // namespace slimscale::schedules::gpu
