// Reads tensors from files of make_contrast_goldens.py, for tests of the trainer.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "weights/safetensors.h"

namespace slimscale::trainer_tests {

using Tensors = std::map<std::string, torch::Tensor>;

// Throws std::runtime_error with the reader's error.
weights::Safetensors load_file(const std::string &path);
Tensors to_torch(const weights::Safetensors &file);

std::string golden_path(const std::string &name);  // of "vgg19", in data/
Tensors load_golden(const std::string &name);

// The values of a tensor that a golden keeps.
torch::Tensor thin(const torch::Tensor &tensor);

// The norm of a - b, relative to that of b.
double difference(const torch::Tensor &a, const torch::Tensor &b);

}  // namespace slimscale::trainer_tests
