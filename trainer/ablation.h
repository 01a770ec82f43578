// Measures what joint training, the contrast and an affine of each width do to the narrow width, with the same network,
// data, steps and seeds in all runs.
//
//     alone          the narrow width by itself, from scratch
//     from_widest    the narrow width by itself, started from the leading channels of the widest trained by itself
//     joint          both widths in one file, L1 (and the widest of its own)
//     joint_contrast the same with CSD's contrast
//     own_affine     the better of the last two, each width with an output scale and bias per channel of its own
//
// Every run has its own folder in config.out. Finished runs are not repeated; interrupted runs go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/run.h"

namespace slimscale::trainer {

struct AblationOptions {
    std::vector<uint64_t> seeds{1, 2, 3};
};

// `config` is as for train(), with two widths, a backbone, lambda_contrast (200 unless set) and images to validate on.
// Writes ablation.md and ablation.json into config.out.
Outcome run_ablation(const Config &config, const AblationOptions &options);

// The mean and the sample standard deviation, which is 0 for a single value.
struct Spread {
    double mean = 0, deviation = 0;
};
Spread spread_of(const std::vector<double> &values);

}  // namespace slimscale::trainer
