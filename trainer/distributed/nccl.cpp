#include "trainer/distributed/nccl.h"

#include <dlfcn.h>

namespace slimscale::trainer {

c10::intrusive_ptr<c10d::Backend> connect_nccl(const c10::intrusive_ptr<c10d::Store> &store, int rank, int size) {
    void *library = dlopen("slimscale_nccl.so", RTLD_NOW);
    if (library == nullptr)
        return {};
    auto *make = reinterpret_cast<SlimscaleMakeNccl *>(dlsym(library, "slimscale_make_nccl"));
    return c10::intrusive_ptr<c10d::Backend>::reclaim(make(store, rank, size));
}

}  // namespace slimscale::trainer
