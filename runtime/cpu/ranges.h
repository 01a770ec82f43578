// How large the inputs of convolutions become: per filter, and for Winograd's per Winograd-domain element, over frames
// that a tool runs. Plain loops beside the f32 pipelines, which run unchanged: for calibration (weights/q16.h), not for
// speed.
#pragma once

#include "contract/blob_format.h"
#include "runtime/executor/execution.h"

namespace slimscale::runtime {

// What a frame is watched for. Both tables are [filter_count][kQ16Elements], Winograd-domain element k + 6*l; a 1x1's
// inputs are of Winograd-domain element 0. Filters that are of neither at this width keep what is there.
struct RangeProbe {
    float *ranges = nullptr;        // widened to the largest |V|; null: not asked for
    const float *limits = nullptr;  // counted against; null: not asked for
    uint64_t saturated = 0;         // values beyond their limits
    uint64_t total = 0;             // values
    bool finite = true;             // all of them
};

// Looks at the inputs, transformed if Winograd's, of the rows that `step` on a CPU, one that has fixed point, is about
// to compute. From any worker.
void probe_step(const Execution &execution, const slimscale_step &step, Rows rows, RangeProbe &probe);

}  // namespace slimscale::runtime
