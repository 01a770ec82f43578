// What changes from step to step: the learning rate, and which widths take part.
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/config.h"

namespace slimscale::trainer {

double learning_rate(const Config &config, int64_t step);

// Widths that have joined by this step (config.grow), ascending.
std::vector<int> joined_widths(const Config &config, int64_t step);

// Those joined widths that run in this step, without frozen ones and with the widest (the teacher) first, by the
// sandwich rule of Yu and Huang, arXiv 1903.05134.
std::vector<int> widths_of_step(const Config &config, int64_t step);

// config.loss, or l2 in the last config.l2_share of the steps.
Loss loss_of_step(const Config &config, int64_t step);

Precision precision_of_step(const Config &config, int64_t step);

}  // namespace slimscale::trainer
