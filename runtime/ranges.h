// How large the inputs of Winograd's convolutions become: per filter and frequency, over frames that a tool runs. Plain
// loops beside the f32 pipelines, which run unchanged: for calibration (weights/q16.h), not for speed.
#pragma once

#include "runtime/executor.h"
#include "weights/blob_format.h"

namespace slimscale::runtime {

// What a frame is watched for. Both tables are [filter_count][kQ16Frequencies], frequency k + 6*l; filters that are no
// Winograd convolution's at this width keep what is there.
struct RangeProbe {
    float *ranges = nullptr;        // widened to the largest |V|; null: not asked for
    const float *limits = nullptr;  // counted against; null: not asked for
    uint64_t saturated = 0;         // values beyond their limits
    uint64_t total = 0;             // values
    bool finite = true;             // all of them
};

// Transforms the inputs of the tiles of rows that `step`, a CONV3 on a CPU, is about to compute, on the call's pool.
void probe_step(const Execution &execution, const slimscale_step &step, Rows rows, RangeProbe &probe);

}  // namespace slimscale::runtime
