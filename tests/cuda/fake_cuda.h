// What a test asks of the stand-in for CUDA's driver, and what the stand-in has seen. Its memory is the host's; its
// kernels do nothing.
#pragma once

#include <cstddef>

struct FakeCuda {
    // Settings.
    int init_result = 0;
    int device_count = 1;
    int capability = 86;       // 8.6
    bool takes_cubins = true;  // false: as a driver that is older than the cubins
    bool takes_ptx = true;
    size_t free_bytes = size_t{8} << 30;
    size_t largest_allocation = size_t{8} << 30;  // larger ones are out of memory
    int failing_allocation = 0;                   // the n-th from now on is out of memory; 0: none
    int failing_launch = 0;                       // the n-th from now on fails; 0: none
    int launch_error = 701;                       // its error: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES
    int failing_synchronize = 0;  // fails with CUDA_ERROR_LAUNCH_FAILED: the context is lost, and later calls fail
    int failing_push = 0;         // the n-th cuCtxPushCurrent from now on fails; 0: none
    int failing_call = 0;         // the n-th call from now on that may fail does; 0: none

    // What happened.
    int contexts_retained = 0, streams = 0, modules = 0, allocations = 0;  // existing now
    int cubins_loaded = 0, ptx_loaded = 0;
    int architecture = 0;  // of the last cubin: 86
    int launches = 0, copies = 0, synchronizes = 0;
    int pending = 0, pending_copies = 0;  // launches and copies that nothing has waited for
    int lookups = 0;                      // calls of cuModuleGetFunction
    int faults = 0;        // calls that are defects of the caller: without a context, with dead handles or addresses
    char fault[128] = "";  // the first of them
    void *last_stream = nullptr;
};

extern "C" FakeCuda *fake_cuda();
extern "C" void fake_cuda_reset();  // resets settings and counts of what happened, but not those of what exists

extern "C" void fake_cuda_forget();  // resets the counts of what exists, for tests that leave something on purpose

// A context and a stream of the program's own, to pass to the library.
extern "C" void *fake_cuda_context();
extern "C" void *fake_cuda_stream();
extern "C" void *fake_cuda_current();  // the calling thread's context
extern "C" void fake_cuda_make_current(void *context);
