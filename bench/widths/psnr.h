// The quality of widths, as `slimscale evaluate` measures it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/widths/measure.h"

namespace slimscale::bench {

// The mean PSNR of luma over the images of `folder`, in dB, for each width in the order of model.widths. Calls `say`
// for an image that cannot be measured.
Status measure_psnr(const host::Model &model, const std::string &target, const std::string &folder, int threads,
                    const std::function<void(const std::string &)> &say, std::vector<double> &psnr);

}  // namespace slimscale::bench
