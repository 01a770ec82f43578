#include "trainer/cuda.h"

#include <dlfcn.h>

namespace slimscale::trainer {

std::string load_cuda() {
    // Registers itself with the CPU's half, which asks it from then on.
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
        return "--device cuda: LibTorch's CUDA library does not load (" + std::string(dlerror()) +
               "); it needs a LibTorch for CUDA with all its libraries, such as `pip install torch` brings: build with "
               "-D SLIMSCALE_LIBTORCH=<its folder>";
    if (!torch::cuda::is_available())
        return "--device cuda: no GPU that this LibTorch can use; nvidia-smi shows what the driver sees";
    return "";
}

}  // namespace slimscale::trainer
