// The part of OpenCL that the runtime calls, found in libOpenCL.so.1 at run time. Declarations are those of Khronos'
// headers, at version 2.0, which has shared virtual memory: device memory with addresses. The library is not needed to
// build.
#pragma once

#define CL_TARGET_OPENCL_VERSION 200
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS  // clCreateCommandQueue, which newer versions have too
#include <CL/cl.h>

#include <cstddef>

namespace slimscale::runtime::opencl {

// X(member, symbol)
#define SLIMSCALE_OPENCL_FUNCTIONS(X)            \
    X(platforms, clGetPlatformIDs)               \
    X(devices, clGetDeviceIDs)                   \
    X(device_info, clGetDeviceInfo)              \
    X(create_context, clCreateContext)           \
    X(release_context, clReleaseContext)         \
    X(create_queue, clCreateCommandQueue)        \
    X(release_queue, clReleaseCommandQueue)      \
    X(create_program, clCreateProgramWithSource) \
    X(build_program, clBuildProgram)             \
    X(build_info, clGetProgramBuildInfo)         \
    X(release_program, clReleaseProgram)         \
    X(create_kernel, clCreateKernel)             \
    X(release_kernel, clReleaseKernel)           \
    X(set_argument, clSetKernelArg)              \
    X(set_pointer, clSetKernelArgSVMPointer)     \
    X(allocate, clSVMAlloc)                      \
    X(release, clSVMFree)                        \
    X(copy, clEnqueueSVMMemcpy)                  \
    X(launch, clEnqueueNDRangeKernel)            \
    X(finish, clFinish)

struct Driver {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration takes none.
#define SLIMSCALE_OPENCL_MEMBER(member, symbol) decltype(&symbol) member = nullptr;
    SLIMSCALE_OPENCL_FUNCTIONS(SLIMSCALE_OPENCL_MEMBER)
#undef SLIMSCALE_OPENCL_MEMBER

    // Loads the library. Returns "", or why OpenCL cannot be called, as a sentence in `text`. The library stays loaded.
    const char *open(char *text, size_t size);
};

}  // namespace slimscale::runtime::opencl
