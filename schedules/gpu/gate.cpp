// A few thousand operations per frame: one block of threads, a thread per channel, vectors in shared memory. The rows are
// added in order, as on CPUs.
#include "schedules/gpu/blocks.h"

namespace slimscale::schedules::gpu {

using namespace Halide;

void gate(const GateStages &stages, Func output, Channels channels) {
    Var c("c"), block("block");
    output.split(c, block, c, channels.in).gpu_blocks(block).gpu_threads(c);
    for (Func stage : {stages.total, stages.mean, stages.squeeze, stages.relu, stages.excite}) {
        stage.compute_at(output, block).gpu_threads(c);
        for (int i = 0; i < stage.num_update_definitions(); i++) {
            stage.update(i).reorder(c, stage.rvars(i)[0]).gpu_threads(c);
        }
    }
}

}  // namespace slimscale::schedules::gpu
