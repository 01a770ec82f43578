// Quality beside speed: what `slimscale evaluate` measures.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/widths/measure.h"

namespace slimscale::bench {

// Mean PSNR of luma over the images of `folder`, per width as model.widths has them. An image that cannot be measured
// is told to `say`.
Status measure_psnr(const host::Model &model, const std::string &target, const std::string &folder, int threads,
                    const std::function<void(const std::string &)> &say, std::vector<double> &psnr);

}  // namespace slimscale::bench
