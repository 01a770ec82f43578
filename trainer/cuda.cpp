#include "trainer/cuda.h"

#include <dlfcn.h>

namespace slimscale::trainer {

Status load_cuda(int gpu) {
    // The library registers itself with LibTorch's CPU half, which calls it from then on.
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
        return Error{
            "--device cuda: LibTorch's CUDA library does not load (" + std::string(dlerror()) +
            "); it needs a LibTorch for CUDA with all its libraries, such as `pip install torch` brings: build "
            "with -D SLIMSCALE_LIBTORCH=<its folder>"};
    if (!torch::cuda::is_available())
        return Error{"--device cuda: no GPU that this LibTorch can use; nvidia-smi shows what the driver sees"};
    if (const auto count = static_cast<int64_t>(torch::cuda::device_count()); gpu >= count)
        return Error{"--device cuda: LOCAL_RANK is " + std::to_string(gpu) + ", and this machine has " +
                     std::to_string(count) + " GPUs, counted from 0"};
    return Status();
}

}  // namespace slimscale::trainer
