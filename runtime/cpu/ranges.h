// Measures how large the inputs of convolutions become, for calibration (weights/q16.h): per filter, and for 3x3
// filters per Winograd-domain element. These are plain loops beside the f32 pipelines, which run unchanged; they are
// not fast.
#pragma once

#include "contract/blob_format.h"
#include "runtime/executor/execution.h"

namespace slimscale::runtime {

// What is measured while a frame runs. `ranges` and `limits` have shape [filter_count][kQ16Elements], indexed by the
// Winograd-domain element k + 6*l; the inputs of a 1x1 filter count as element 0. Entries of filters that the frame
// does not measure stay as they are. The caller owns both tables.
struct RangeProbe {
    float *ranges = nullptr;        // raised to the largest |V|; null: not measured
    const float *limits = nullptr;  // values beyond these are counted; null: nothing is counted
    // [filter_count][contract::kValueBins]: raised by the number of inputs of 3x3 filters in each bin; null: not
    // counted.
    uint64_t *counts = nullptr;
    uint64_t saturated = 0;  // number of values beyond their limits
    uint64_t total = 0;      // number of values compared
    bool finite = true;      // all values are finite numbers
    float largest = 0;       // magnitude of the inputs themselves, before any transform; only with `ranges`
};

// Measures the inputs of the rows that `step` is about to compute on a CPU; inputs of 3x3 convolutions are transformed
// first. Precondition: the step's operation has a fixed-point variant. May be called by any worker.
void probe_step(const Execution &execution, const slimscale_step &step, Rows rows, RangeProbe &probe);

}  // namespace slimscale::runtime
