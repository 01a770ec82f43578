// A few thousand operations per frame: one block of threads, a thread per channel, the sums and the squeezed channels in
// shared memory. The rows are added in order, as on CPUs.
#include "schedules/gpu/blocks.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void squeeze_excite(const SqueezeExciteStages &stages, Func output, Channels channels) {
    Var c("c"), block("block");
    output.split(c, block, c, channels.in).gpu_blocks(block).gpu_threads(c);
    for (Func stage : {stages.total, stages.squeeze}) {
        stage.compute_at(output, block).gpu_threads(c);
        stage.update().reorder(c, stage.rvars(0)[0]).gpu_threads(c);
    }
    Func excite = stages.excite;
    excite.compute_at(output, c).store_in(MemoryType::Register);
}

}  // namespace slimscale::schedules::gpu
