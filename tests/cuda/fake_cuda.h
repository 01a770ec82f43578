// What a test tells the stand-in for CUDA's driver to do, and what it saw. Its memory is the host's, its kernels do
// nothing.
#pragma once

#include <cstddef>

struct FakeCuda {
    // Settings.
    int init_result = 0;
    int device_count = 1;
    int capability = 86;       // 8.6
    bool takes_cubins = true;  // false: as a driver older than they are
    bool takes_ptx = true;
    size_t free_bytes = size_t{8} << 30;
    size_t largest_allocation = size_t{8} << 30;  // larger ones say out of memory
    int failing_allocation = 0;                   // the n-th from now on says out of memory; 0: none
    int failing_launch = 0;                       // the n-th from now on fails; 0: none
    int launch_error = 701;                       // with this: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES
    int failing_synchronize = 0;  // with CUDA_ERROR_LAUNCH_FAILED: the context is lost, and every later call fails
    int failing_push = 0;         // cuCtxPushCurrent
    int failing_call = 0;         // the n-th call from now on that may fail

    // What happened.
    int contexts_retained = 0, streams = 0, modules = 0, allocations = 0;  // alive
    int cubins_loaded = 0, ptx_loaded = 0;
    int architecture = 0;  // of the last cubin: 86
    int launches = 0, copies = 0, synchronizes = 0;
    int pending = 0, pending_copies = 0;  // launches and copies that nothing has waited for
    int lookups = 0;                      // cuModuleGetFunction
    int faults = 0;        // calls without a context, with dead handles or addresses: defects of the caller
    char fault[128] = "";  // the first of them
    void *last_stream = nullptr;
};

extern "C" FakeCuda *fake_cuda();
extern "C" void fake_cuda_reset();  // settings and counters of things done; what is alive stays counted

extern "C" void fake_cuda_forget();  // what is alive: for tests that leave something behind on purpose

// As a program of its own has: a context and a stream to hand to the library.
extern "C" void *fake_cuda_context();
extern "C" void *fake_cuda_stream();
extern "C" void *fake_cuda_current();  // the calling thread's context
extern "C" void fake_cuda_make_current(void *context);
