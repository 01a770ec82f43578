// What tells the buffers of one kind of device from another's in Halide's generated code. Identities only: buffers come
// with device memory, and generated code neither allocates nor copies.
#pragma once

#include <HalideRuntime.h>

namespace slimscale::runtime {

const halide_device_interface_t *cuda_interface();
const halide_device_interface_t *opencl_interface();
const halide_device_interface_t *vulkan_interface();  // Halide's own

}  // namespace slimscale::runtime
