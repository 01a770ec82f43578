// A second executor, as simple as possible: whole frames, one step after the other, a vector per tensor, one thread. It
// shares no code with runtime/, whose bands, rings and shared memory must give its bytes.
#pragma once

#include <string>
#include <vector>

#include "contract/blob_view.h"
#include "contract/model.h"
#include "networks/reference/volume.h"
#include "slimscale/slimscale.h"

namespace slimscale::test {

// `image` has floats (0..1). Throws std::runtime_error if a pipeline fails.
reference::Volume run_plainly(const slimscale_model *model, const std::string &target, int width,
                              const reference::Volume &image);

// `most` is the largest magnitude of the transformed inputs of every Winograd convolution, [filter of the blob][k +
// 6*l], with that of 1x1 convolutions' inputs in the first place, and zero for other filters; `values` counts such
// values. They are computed in double precision, tile by tile, with matrices from their definition.
struct PlainRanges {
    std::vector<double> most;
    uint64_t values = 0;
};
PlainRanges ranges_plainly(const slimscale_model *model, const std::string &target, int width,
                           const reference::Volume &image);

}  // namespace slimscale::test
