// One training step: forward and backward of each width in turn, then the optimizer.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "trainer/batches.h"
#include "trainer/checkpoint.h"
#include "trainer/config.h"
#include "trainer/contrast/contrast.h"

namespace slimscale::trainer {

struct Losses {
    std::map<int, double> l1;        // by width, on values 0..255, not weighted, for every Loss
    std::map<int, double> contrast;  // of narrower widths, not multiplied by lambda
    double total = 0;
};

// Adds the gradients of the step's loss to those of the network's parameters, which must be zero before.
//     loss = sum over widths of weight * ((1 - s) * loss(high, output) + s * loss(batch.teacher, output)
//                                         + lambda_distill * loss(widest's, output))
//            + lambda_contrast * sum over students of contrast
// s is config.teacher_share, 0 without a teacher. The widest width's output enters distillation and contrast without
// gradients. Without `contrast` (null) its term is 0.
Losses backward_step(const Config &config, SlimNetworkImpl &network, const Batch &batch, int64_t step,
                     Contrast *contrast);

// Clips and applies the gradients, averages the weights, and counts the step. The error says what is not finite.
Status apply_step(const Config &config, TrainingState *state);

}  // namespace slimscale::trainer
