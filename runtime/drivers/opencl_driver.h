// The part of OpenCL that the runtime calls, found in libOpenCL.so.1 at run time. Signatures and values are those of
// the Khronos "OpenCL API Specification" (2.0, for shared virtual memory: device memory with addresses).
#pragma once

#include <cstddef>
#include <cstdint>

namespace slimscale::runtime::opencl {

using Result = int32_t;  // cl_int; 0: success
using Platform = struct PlatformTag *;
using DeviceId = struct DeviceIdTag *;
using Context = struct ContextTag *;
using Queue = struct QueueTag *;
using Program = struct ProgramTag *;
using Kernel = struct KernelTag *;
using Event = struct EventTag *;

enum : uint64_t { kDeviceAll = 0xFFFFFFFF, kDeviceGpu = 1 << 2, kSvmCoarseGrain = 1 << 0, kReadWrite = 1 << 0 };

enum : uint32_t {
    kDeviceType = 0x1000,
    kDeviceMaxAllocation = 0x1010,
    kDeviceName = 0x102B,
    kDeviceVersion = 0x102F,
    kDeviceSvm = 0x1053,
    kBuildLog = 0x1183
};

constexpr Result kOutOfDeviceMemory = -4, kOutOfResources = -5, kOutOfHostMemory = -6;

// X(member, symbol, result, parameters)
#define SLIMSCALE_OPENCL_FUNCTIONS(X)                                                                                  \
    X(platforms, clGetPlatformIDs, Result, (uint32_t most, Platform *platforms, uint32_t *count))                      \
    X(devices, clGetDeviceIDs, Result,                                                                                 \
      (Platform platform, uint64_t type, uint32_t most, DeviceId *devices, uint32_t *count))                           \
    X(device_info, clGetDeviceInfo, Result,                                                                            \
      (DeviceId device, uint32_t what, size_t size, void *value, size_t *needed))                                      \
    X(create_context, clCreateContext, Context,                                                                        \
      (const intptr_t *properties, uint32_t count, const DeviceId *devices,                                            \
       void (*notify)(const char *, const void *, size_t, void *), void *data, Result *result))                        \
    X(release_context, clReleaseContext, Result, (Context context))                                                    \
    X(create_queue, clCreateCommandQueue, Queue,                                                                       \
      (Context context, DeviceId device, uint64_t properties, Result *result))                                         \
    X(release_queue, clReleaseCommandQueue, Result, (Queue queue))                                                     \
    X(create_program, clCreateProgramWithSource, Program,                                                              \
      (Context context, uint32_t count, const char **sources, const size_t *sizes, Result *result))                    \
    X(build_program, clBuildProgram, Result,                                                                           \
      (Program program, uint32_t count, const DeviceId *devices, const char *options, void (*notify)(Program, void *), \
       void *data))                                                                                                    \
    X(build_info, clGetProgramBuildInfo, Result,                                                                       \
      (Program program, DeviceId device, uint32_t what, size_t size, void *value, size_t *needed))                     \
    X(release_program, clReleaseProgram, Result, (Program program))                                                    \
    X(create_kernel, clCreateKernel, Kernel, (Program program, const char *name, Result *result))                      \
    X(release_kernel, clReleaseKernel, Result, (Kernel kernel))                                                        \
    X(set_argument, clSetKernelArg, Result, (Kernel kernel, uint32_t index, size_t size, const void *value))           \
    X(set_pointer, clSetKernelArgSVMPointer, Result, (Kernel kernel, uint32_t index, const void *pointer))             \
    X(allocate, clSVMAlloc, void *, (Context context, uint64_t flags, size_t bytes, uint32_t alignment))               \
    X(release, clSVMFree, void, (Context context, void *memory))                                                       \
    X(copy, clEnqueueSVMMemcpy, Result,                                                                                \
      (Queue queue, uint32_t blocking, void *to, const void *from, size_t bytes, uint32_t waits,                       \
       const Event *wait_list, Event *event))                                                                          \
    X(launch, clEnqueueNDRangeKernel, Result,                                                                          \
      (Queue queue, Kernel kernel, uint32_t dimensions, const size_t *offset, const size_t *global,                    \
       const size_t *local, uint32_t waits, const Event *wait_list, Event *event))                                     \
    X(finish, clFinish, Result, (Queue queue))

struct Driver {
#define SLIMSCALE_OPENCL_MEMBER(member, symbol, result, parameters) result(*member) parameters = nullptr;
    SLIMSCALE_OPENCL_FUNCTIONS(SLIMSCALE_OPENCL_MEMBER)
#undef SLIMSCALE_OPENCL_MEMBER

    // "" or why there is no OpenCL to call, as a sentence in `text`. The library stays loaded.
    const char *open(char *text, size_t size);
};

}  // namespace slimscale::runtime::opencl
