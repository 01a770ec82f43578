// What changes from step to step: the learning rate, and which widths take part.
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/config.h"

namespace slimscale::trainer {

double learning_rate(const Config &config, int64_t step);

// Widths that have joined by this step (config.grow), ascending.
std::vector<int> joined_widths(const Config &config, int64_t step);

// Those of them to run in this step, frozen ones left out, widest (the teacher) first: the sandwich rule of Yu and
// Huang, arXiv 1903.05134.
std::vector<int> widths_of_step(const Config &config, int64_t step);

// --loss, and l2 in the last --l2-share of the steps.
Loss loss_of_step(const Config &config, int64_t step);

Precision precision_of_step(const Config &config, int64_t step);

}  // namespace slimscale::trainer
