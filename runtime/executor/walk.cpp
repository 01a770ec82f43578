#include "runtime/executor/walk.h"

#include <algorithm>

namespace slimscale::runtime {

namespace {

// Rows of the input image that a band brings.
Rows loaded_rows(const FrameLayout &frame, int band) {
    const int rows = frame.band_rows > 0 ? frame.band_rows : frame.height;
    return {band * rows, std::min((band + 1) * rows, frame.height)};
}

// Rows of the output image that the last step's grid rows complete.
Rows stored_rows(const Execution &e, Rows last) {
    const int factor = e.last_step().shuffle;
    return {std::max(0, last.begin * factor), std::min(last.end * factor, e.upscaled().height)};
}

}  // namespace

slimscale_status walk(const Execution &e, FrameSteps &frame, Error &error) {
    for (int band = 0; band < e.frame.bands; band++) {
        const Rows loaded = loaded_rows(e.frame, band);
        if (!loaded.empty() && frame.load(loaded, error) != SLIMSCALE_OK)
            return error.status;
        Rows rows{};
        for (int i = 0; i < e.plan->step_count; i++) {
            rows = step_rows(e.plan->steps[i], e.tensors, e.frame, band);
            if (!rows.empty() && frame.run(e.plan->steps[i], rows, error) != SLIMSCALE_OK)
                return error.status;
        }
        const Rows stored = stored_rows(e, rows);
        if (!stored.empty() && frame.store(stored, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
