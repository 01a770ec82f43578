// What the self-test of the shipped library compares with (contract/self_test.h), from no compiled target: the trained
// file's own tensors in plain loops.
#pragma once

#include <vector>

#include "base/status.h"
#include "weights/model_file.h"

namespace slimscale::weights {

// The numbers for each of these channel counts, one after the other. Takes a second for about seven million
// multiplications a pixel, all widths together. Precondition: check_model has accepted the model. Fails if the network
// cannot have one of the widths, or computes what is no number.
Result<std::vector<float>> self_test_numbers(const ModelFile &model, const std::vector<int> &channels);

}  // namespace slimscale::weights
