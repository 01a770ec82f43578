// One FMA per value read: bound by memory, so only vectors and threads.
#include "schedules/attend.h"

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;

void attend(const AttendStages &stages, Func output, int channels, const Target &target) {
    Var c("c"), x("x"), y("y");
    output.vectorize(c, vector_lanes(target, channels)).parallel(y);
    for (Func rows : {stages.rows, stages.add_rows}) {
        rows.compute_at(output, y);
    }
}

}  // namespace slimscale::schedules
