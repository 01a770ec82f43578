// A matrix product over pixels: 4 pixels x 2 vectors of output channels in registers (or all 3 of 24 channels). AMD
// EPYC (Zen 4), 128x128, 64 channels, one thread, AVX2: 84 GF/s from 1 segment (75 % of the FMA peak; reading and
// writing 8 MB shows), 97 from 4 (87 %).
#include "schedules/conv1x1.h"

#include "schedules/target_facts.h"

namespace slimscale::schedules {

using namespace Halide;

void conv1x1(const Conv1x1Stages &stages, Func output, int channels, const Target &target) {
    const int lanes = vector_lanes(target, channels);
    const int vectors = channels == 3 * lanes ? 3 : channels % (2 * lanes) == 0 ? 2
                                                                                : 1;
    Func sum = stages.sum;

    Var c("c"), x("x"), y("y"), lane("lane"), group("group"), inner_x("inner_x");
    output.split(x, x, inner_x, 4, TailStrategy::RoundUp)
        .split(c, group, lane, lanes * vectors)
        .reorder(lane, inner_x, group, x, y)
        .vectorize(lane, lanes)
        .unroll(lane)
        .unroll(inner_x)
        .parallel(y);
    sum.compute_at(output, group).vectorize(c, lanes).unroll(c).unroll(x).store_in(MemoryType::Register);
    for (int s = 0; s < sum.num_update_definitions(); s++) {
        RVar r = sum.rvars(s)[0];
        sum.update(s).reorder(c, x, r).vectorize(c, lanes).unroll(c).unroll(x).unroll(r, 4);
    }
    for (Func rows : stages.rows) {
        rows.compute_at(output, y);
    }
}

}  // namespace slimscale::schedules
