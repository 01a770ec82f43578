// LibTorch's CUDA half, opened when it is asked for: the trainer itself is linked to the CPU's only.
#pragma once

#include <torch/torch.h>

#include <string>

#include "base/status.h"

namespace slimscale::trainer {

// Makes torch::kCUDA usable in this process. The error says why not, with what to do; `gpu` is the one that will be
// used.
Status load_cuda(int gpu = 0);

}  // namespace slimscale::trainer
