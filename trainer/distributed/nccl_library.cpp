#define USE_C10D_NCCL  // LibTorch's header shows the class only then

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "trainer/distributed/nccl.h"

c10d::Backend *slimscale_make_nccl(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size) {
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size).release();
}
