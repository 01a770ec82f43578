// Opens LibTorch's libraries for CUDA when they are needed: the trainer is linked with those for CPUs only.
#pragma once

#include <torch/torch.h>

#include <string>

#include "base/status.h"

namespace slimscale::trainer {

// Makes torch::kCUDA usable in this process, with GPU number `gpu`. The error says why it is not and what to do.
Status load_cuda(int gpu = 0);

}  // namespace slimscale::trainer
