// A few thousand operations per frame, and a few hundred KB of row sums to read, need vectors over channels but no threads.
#include "schedules/squeeze_excite.h"

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;

void squeeze_excite(const SqueezeExciteStages &stages, Func output, Channels channels, const Target &target) {
    const int lanes = vector_lanes(target, channels.in);
    Func total = stages.total, mean = stages.mean, squeeze = stages.squeeze, relu = stages.relu, excite = stages.excite;
    Var c("c");
    total.compute_root().bound(c, 0, channels.in).vectorize(c, lanes);
    total.update().reorder(c, total.rvars(0)[0]).vectorize(c, lanes);
    mean.compute_root().bound(c, 0, channels.in).vectorize(c, lanes);
    squeeze.compute_root().bound(c, 0, channels.out);
    relu.compute_root().bound(c, 0, channels.out);
    excite.compute_root().bound(c, 0, channels.in).vectorize(c, lanes);
    excite.update().reorder(c, excite.rvars(0)[0]).vectorize(c, lanes);
    output.vectorize(c, lanes);
}

}  // namespace slimscale::schedules
