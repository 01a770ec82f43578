// What one frame runs with: the plan of a width, laid out for the frame's size, over memory that was allocated before.
#pragma once

#include "runtime/filters/filters.h"
#include "runtime/frames/colors.h"
#include "runtime/plan/layout.h"
#include "runtime/platform/context.h"

namespace slimscale::runtime {

struct RangeProbe;

// Asks whether a frame goes on. One thread at a time may call it. `rows` of the `height` input rows are complete in the
// output; a frame with all of them is whole, and goes on to its end. Otherwise both functions return
// SLIMSCALE_CANCELLED, with `error` set, if the frame ends.
struct Watch {
    int (*progress)(void *opaque, int rows, int height);  // as in slimscale_request; may be null
    void *opaque;
    const int *cancelled;  // the frame ends if this is not 0; read atomically; may be null

    // Before each step.
    slimscale_status check(int rows, int height, Error &error) const {
        return cancelled && __atomic_load_n(cancelled, __ATOMIC_ACQUIRE) ? end(rows, height, error) : SLIMSCALE_OK;
    }
    // After each band.
    slimscale_status tell(int rows, int height, Error &error) const {
        if (progress && rows > 0 && progress(opaque, rows, height) != 0)
            return end(rows, height, error);
        return check(rows, height, error);
    }

private:
    static slimscale_status end(int rows, int height, Error &error) {
        return rows < height
                   ? error.set(SLIMSCALE_CANCELLED,
                               "the frame was cancelled after %d of %d rows; its output is not whole", rows, height)
                   : SLIMSCALE_OK;
    }
};

// The bands [begin, end) of a frame; if `end` is 0, all of its bands.
struct Bands {
    int begin = 0, end = 0;
};

// Built by FramePlan::run for each frame. It owns nothing: everything that it points to outlives the frame. Addresses
// of workspace, chunk and staging are the device's.
struct Execution {
    const slimscale_network_plan *plan;
    const slimscale_compiled_target *target;  // the target whose pipelines are called
    const char *const *pipeline_names;        // names of the steps' pipelines, for messages
    int pipeline_count;           // number of the steps' pipelines; in GPU targets image pipelines follow them
    const Filters *filters;       // packed for the target
    const TensorLayout *tensors;  // plan->tensor_count of them
    FrameLayout frame;
    int whole_columns;         // pipelines write rows in multiples of so many columns: 4 on processors, else 1
    unsigned char *workspace;  // frame.workspace_bytes, aligned to kAlignment
    unsigned char *chunk;      // chunk_bytes of plan/tile_chunk.h, aligned likewise
    unsigned char *staging;    // Backend::staging_bytes of them
    ColorTransform color;
    Call *call;                    // threads, arenas and the device; receives errors of pipelines
    const Watch *watch = nullptr;  // null: the frame cannot be cancelled
    RangeProbe *probe = nullptr;   // sees the inputs of convolutions (cpu/ranges.h); no output image is written then
    Bands bands;                   // that are run

    Device &device() const { return *call->device; }
    const TensorLayout &layout(int tensor) const { return tensors[tensor]; }
    const slimscale_step &last_step() const { return plan->steps[plan->step_count - 1]; }
    const TensorLayout &upscaled() const { return tensors[last_step().output]; }
    int scale() const { return plan->tensors[last_step().output].scale; }
};

}  // namespace slimscale::runtime
