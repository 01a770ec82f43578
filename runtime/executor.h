// Runs a plan over one frame: band by band, or step by step over the whole frame (layout.h). Allocates nothing.
#pragma once

#include "runtime/context.h"
#include "runtime/filters.h"
#include "runtime/layout.h"
#include "runtime/pixels.h"

namespace slimscale::runtime {

struct Execution {
    const slimscale_network_plan *plan;
    const slimscale_tier *tier;
    const char *const *pipeline_names;
    const Filters *filters;
    const TensorLayout *tensors;
    FrameLayout frame;
    unsigned char *workspace;  // frame.workspace_bytes, aligned to kAlignment
    ColorTransform color;
    Call *call;
};

// Rows that no step ever writes: must be zero before the first frame of a width runs in this workspace.
void clear_zero_rows(const Execution &execution);

slimscale_status run_frame(const Execution &execution, const slimscale_image &input, const slimscale_image &output,
                           Error &error);

}  // namespace slimscale::runtime
