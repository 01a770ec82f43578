// The part of CUDA's driver API that the runtime calls, found in libcuda.so.1 at run time: neither its headers nor the
// library are needed to build, and a machine without a driver only lacks the target. Signatures and values are those of
// NVIDIA's "CUDA Driver API" reference (12.x); functions with a version in their symbol carry it here too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace slimscale::runtime::cuda {

using Result = int;  // CUresult; 0: success
using DeviceNumber = int;
using Context = struct ContextTag *;
using Stream = struct StreamTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Address = unsigned long long;  // CUdeviceptr

enum : int {
    kOutOfMemory = 2,       // CUDA_ERROR_OUT_OF_MEMORY
    kIllegalAddress = 700,  // CUDA_ERROR_ILLEGAL_ADDRESS, and CUDA_ERROR_HARDWARE_STACK_ERROR to _LAUNCH_FAILED: after
    kFirstLost = 714,       // them every call in the context fails
    kLastLost = 719,
    kCapabilityMajor = 75,
    kCapabilityMinor = 76,
    kJitErrorLog = 5,
    kJitErrorLogBytes = 6,
    kStreamNonBlocking = 1,
    kMemoryHost = 1,
    kMemoryDevice = 2
};

struct Copy2D {  // CUDA_MEMCPY2D
    size_t source_x, source_y;
    unsigned source_type;
    const void *source_host;
    Address source_device;
    void *source_array;
    size_t source_pitch;
    size_t target_x, target_y;
    unsigned target_type;
    void *target_host;
    Address target_device;
    void *target_array;
    size_t target_pitch;
    size_t row_bytes, rows;
};

// X(member, symbol, parameters)
#define SLIMSCALE_CUDA_FUNCTIONS(X)                                                                    \
    X(init, cuInit, (unsigned flags))                                                                  \
    X(driver_version, cuDriverGetVersion, (int *version))                                              \
    X(error_name, cuGetErrorName, (Result error, const char **text))                                   \
    X(error_string, cuGetErrorString, (Result error, const char **text))                               \
    X(device_count, cuDeviceGetCount, (int *count))                                                    \
    X(device_get, cuDeviceGet, (DeviceNumber * device, int ordinal))                                   \
    X(device_name, cuDeviceGetName, (char *name, int size, DeviceNumber device))                       \
    X(device_attribute, cuDeviceGetAttribute, (int *value, int attribute, DeviceNumber device))        \
    X(primary_retain, cuDevicePrimaryCtxRetain, (Context * context, DeviceNumber device))              \
    X(primary_release, cuDevicePrimaryCtxRelease_v2, (DeviceNumber device))                            \
    X(context_push, cuCtxPushCurrent_v2, (Context context))                                            \
    X(context_pop, cuCtxPopCurrent_v2, (Context * context))                                            \
    X(stream_context, cuStreamGetCtx, (Stream stream, Context * context))                              \
    X(context_device, cuCtxGetDevice, (DeviceNumber * device))                                         \
    X(stream_create, cuStreamCreate, (Stream * stream, unsigned flags))                                \
    X(stream_destroy, cuStreamDestroy_v2, (Stream stream))                                             \
    X(stream_synchronize, cuStreamSynchronize, (Stream stream))                                        \
    X(memory_info, cuMemGetInfo_v2, (size_t *free, size_t *total))                                     \
    X(memory_allocate, cuMemAlloc_v2, (Address * address, size_t bytes))                               \
    X(memory_free, cuMemFree_v2, (Address address))                                                    \
    X(copy_2d, cuMemcpy2DAsync_v2, (const Copy2D *copy, Stream stream))                                \
    X(module_load, cuModuleLoadDataEx,                                                                 \
      (Module * module, const void *image, unsigned option_count, int *options, void **values))        \
    X(module_unload, cuModuleUnload, (Module module))                                                  \
    X(module_function, cuModuleGetFunction, (Function * function, Module module, const char *name))    \
    X(launch, cuLaunchKernel,                                                                          \
      (Function function, unsigned blocks_x, unsigned blocks_y, unsigned blocks_z, unsigned threads_x, \
       unsigned threads_y, unsigned threads_z, unsigned shared_bytes, Stream stream, void **parameters, void **extra))

struct Driver {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration takes none.
#define SLIMSCALE_CUDA_MEMBER(member, symbol, parameters) Result(*member) parameters = nullptr;
    SLIMSCALE_CUDA_FUNCTIONS(SLIMSCALE_CUDA_MEMBER)
#undef SLIMSCALE_CUDA_MEMBER

    // Loads and starts the driver. Returns "", or why it cannot be called, as a sentence of at most `size` characters
    // in `text`. The library stays loaded, since CUDA's cannot be unloaded once it is initialised.
    const char *open(char *text, size_t size);

    // The driver's own words for a result: "CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)".
    struct Words {
        char text[160];
    };
    Words words(Result result) const;
};

}  // namespace slimscale::runtime::cuda
