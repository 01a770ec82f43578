// NCCL: collective operations between GPUs. In a library of its own, slimscale_nccl.so beside the program, because it
// needs LibTorch's CUDA half, which the program opens only when it is asked for.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace slimscale::trainer {

// Precondition: load_cuda() succeeded. Null where that library is not there: Gloo then does the same through memory.
// Throws what c10d throws.
c10::intrusive_ptr<c10d::Backend> connect_nccl(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size);

}  // namespace slimscale::trainer

// What slimscale_nccl.so holds. The caller owns the result.
using SlimscaleMakeNccl = c10d::Backend *(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size);
extern "C" SlimscaleMakeNccl slimscale_make_nccl;
