// What one frame is run with: a width's plan, laid out for the frame's size, over memory that is there.
#pragma once

#include "runtime/filters/filters.h"
#include "runtime/frames/colors.h"
#include "runtime/plan/layout.h"
#include "runtime/platform/context.h"

namespace slimscale::runtime {

struct RangeProbe;

// What is asked between the bands of a frame: whether it goes on. Every band asks, from one thread at a time.
struct Watch {
    int (*progress)(void *opaque, int rows, int height);  // as in slimscale_request; may be null
    void *opaque;
    const int *cancelled;  // not 0: it does not; read atomically; may be null

    // `rows` of the input are complete in the output, of `height`; not 0 before the first ones.
    slimscale_status ask(int rows, int height, Error &error) const {
        const bool end = (cancelled && __atomic_load_n(cancelled, __ATOMIC_ACQUIRE)) ||
                         (progress && rows > 0 && progress(opaque, rows, height) != 0);
        return end ? error.set(SLIMSCALE_CANCELLED,
                               "the frame was cancelled after %d of %d rows; its output is not whole", rows, height)
                   : SLIMSCALE_OK;
    }
};

// Nothing here is owned; all of it outlives the frame. Addresses are the device's.
struct Execution {
    const slimscale_network_plan *plan;
    const slimscale_compiled_target *target;  // whose pipelines are called
    const char *const *pipeline_names;        // of the steps, for messages
    int pipeline_count;                       // of the steps' pipelines; GPU targets have image pipelines behind them
    const Filters *filters;                   // packed for the target
    const TensorLayout *tensors;              // plan->tensor_count of them
    FrameLayout frame;
    int whole_columns;         // pipelines write rows of so many columns at a time: of 4 on processors, else 1
    unsigned char *workspace;  // frame.workspace_bytes, aligned to kAlignment
    unsigned char *chunk;      // chunk_bytes of plan/tile_chunk.h, aligned likewise
    unsigned char *staging;    // what the backend asked for as staging_bytes
    ColorTransform color;
    Call *call;                    // threads, arenas, the device; where errors go
    const Watch *watch = nullptr;  // null: nobody asks
    RangeProbe *probe = nullptr;   // sees the inputs of convolutions (cpu/ranges.h); no output image is written then

    Device &device() const { return *call->device; }
    const TensorLayout &layout(int tensor) const { return tensors[tensor]; }
    const slimscale_step &last_step() const { return plan->steps[plan->step_count - 1]; }
    const TensorLayout &upscaled() const { return tensors[last_step().output]; }
    int scale() const { return plan->tensors[last_step().output].scale; }
};

}  // namespace slimscale::runtime
