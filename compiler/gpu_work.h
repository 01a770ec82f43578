// What a call of a pipeline has to do at least: its place under a GPU's roofline (Williams et al., 2009). A GPU that
// computes F fused multiply-adds and moves B bytes a second takes no less than the larger of fma / F and bytes / B.
#pragma once

#include "contract/pipeline.h"

namespace slimscale::generators {

// On a frame of 640x360 pixels in f32.
struct Work {
    double fma = 0;    // that the result needs
    double bytes = 0;  // of the tensors, each read or written once; filters are left out
};

// Zero for pipelines of images.
Work work_of(const contract::Pipeline &pipeline);

}  // namespace slimscale::generators
