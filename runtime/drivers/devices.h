// Opens the device of a target: the processor, or a GPU through its driver's library (cuda.h, opencl.h, vulkan.h),
// which is found at run time, so that nothing here is linked against one.
#pragma once

#include "contract/model.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

// Opens the target's device and loads the kernels of the pipelines whose `used` is set (pipeline_count of the model,
// then the target's image and Winograd pipelines). The object's memory comes from the allocator; *device is null on
// failure.
slimscale_status open_device(const slimscale_model &model, const slimscale_compiled_target &target,
                             const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                             Device **device, Error &error);
void close_device(Device *device, const slimscale_allocator &allocator);  // null is fine

// Writes the name of the device that would run the target, or with SLIMSCALE_UNSUPPORTED_TARGET why none does, into
// `text`.
slimscale_status describe_device(const slimscale_compiled_target &target, const DeviceOptions &options, char *text,
                                 size_t text_size);

}  // namespace slimscale::runtime
