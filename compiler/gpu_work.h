// The least work of a call of a pipeline, which gives its place under a GPU's roofline (Williams et al., 2009). A GPU
// that computes F fused multiply-adds and moves B bytes a second needs at least the larger of fma / F and bytes / B.
#pragma once

#include "contract/pipeline.h"

namespace slimscale::generators {

// The work on a frame of 640x360 pixels in f32.
struct Work {
    double fma = 0;    // multiply-adds that the result needs
    double bytes = 0;  // of the tensors, each of which is read or written once; without filters
};

// Zero for pipelines of images.
Work work_of(const contract::Pipeline &pipeline);

}  // namespace slimscale::generators
