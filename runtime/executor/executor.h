// Runs a plan over one frame: band by band, or step by step over the whole frame (layout.h). Allocates nothing. On a device
// the workspace is the device's memory and everything is enqueued in order.
#pragma once

#include "runtime/cpu/pixels.h"
#include "runtime/filters/filters.h"
#include "runtime/plan/layout.h"
#include "runtime/platform/context.h"

namespace slimscale::runtime {

struct RangeProbe;

struct Execution {
    const slimscale_network_plan *plan;
    const slimscale_tier *tier;
    const char *const *pipeline_names;
    int pipeline_count;  // of the steps' pipelines; a device's image pipelines follow
    const Filters *filters;
    const TensorLayout *tensors;
    FrameLayout frame;
    unsigned char *workspace;  // frame.workspace_bytes, aligned to kAlignment
    unsigned char *chunk;      // devices: chunk_bytes of plan/tile_chunk.h, aligned likewise
    unsigned char *staging;    // devices: a frame of host memory before and after, see staging_bytes
    ColorTransform color;
    Call *call;
    RangeProbe *probe = nullptr;  // sees the inputs of CONV3 (ranges.h); the output image is then not written
};

// What no step ever writes, rows and on devices columns, must be zero before the first frame of a width runs in this
// workspace. Steps on CPUs clear the columns themselves.
slimscale_status clear_borders(const Execution &execution, Error &error);

slimscale_status run_frame(const Execution &execution, const slimscale_image &input, const slimscale_image &output,
                           Error &error);

}  // namespace slimscale::runtime
