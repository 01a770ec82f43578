// NCCL: collective operations between GPUs. They are in a library beside the program, slimscale_nccl.so, because they
// need LibTorch's libraries for CUDA, which the program opens only when they are needed.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace slimscale::trainer {

// Returns null if that library is missing: Gloo then does the same through the CPU's memory. Throws what c10d throws.
// Precondition: load_cuda() succeeded.
c10::intrusive_ptr<c10d::Backend> connect_nccl(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size);

}  // namespace slimscale::trainer

// The function that slimscale_nccl.so exports. The caller owns the result.
using SlimscaleMakeNccl = c10d::Backend *(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size);
extern "C" SlimscaleMakeNccl slimscale_make_nccl;
