#include "runtime/drivers/devices.h"

#include <cstdio>
#include <new>

#include "contract/compiled_target.h"
#include "runtime/drivers/cuda.h"
#include "runtime/drivers/opencl.h"
#include "runtime/drivers/vulkan.h"
#include "runtime/platform/amx.h"
#include "runtime/platform/processor.h"

namespace slimscale::runtime {

namespace {

template <typename Kind>
Kind *make(const slimscale_allocator &allocator, Error &error) {
    void *memory = allocator.allocate(allocator.opaque, sizeof(Kind), kAlignment);
    if (memory)
        return new (memory) Kind();
    error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for a device");
    return nullptr;
}

slimscale_status open_processor(const slimscale_compiled_target &target, const slimscale_allocator &allocator,
                                Device **device, Error &error) {
    if (contract::in_tiles(contract::type_of(target)) && permit_amx(error) != SLIMSCALE_OK)
        return error.status;
    Processor *processor = make<Processor>(allocator, error);
    if (!processor)
        return error.status;
    processor->open(allocator);
    *device = processor;
    return SLIMSCALE_OK;
}

template <typename Kind>
slimscale_status open_as(const slimscale_model &model, const slimscale_compiled_target &target,
                         const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                         Device **device, Error &error) {
    Kind *opened = make<Kind>(allocator, error);
    if (!opened)
        return error.status;
    const slimscale_status status = opened->open(model, target, options, used, allocator, error);
    if (status == SLIMSCALE_OK)
        *device = opened;
    else
        close_device(opened, allocator);
    return status;
}

}  // namespace

slimscale_status open_device(const slimscale_model &model, const slimscale_compiled_target &target,
                             const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                             Device **device, Error &error) {
    *device = nullptr;
    switch (target.device) {
    case SLIMSCALE_DEVICE_CPU:
        return open_processor(target, allocator, device, error);
    case SLIMSCALE_DEVICE_CUDA:
        return open_as<CudaDevice>(model, target, options, used, allocator, device, error);
    case SLIMSCALE_DEVICE_OPENCL:
        return open_as<OpenclDevice>(model, target, options, used, allocator, device, error);
    case SLIMSCALE_DEVICE_VULKAN:
        return open_as<VulkanDevice>(model, target, options, used, allocator, device, error);
    default:
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "this library runs no target of the kind of %s", target.name);
    }
}

void close_device(Device *device, const slimscale_allocator &allocator) {
    if (!device)
        return;
    device->close();
    allocator.release(allocator.opaque, device);
}

slimscale_status describe_device(const slimscale_compiled_target &target, const DeviceOptions &options, char *text,
                                 size_t text_size) {
    switch (target.device) {
    case SLIMSCALE_DEVICE_CPU:
        return Processor::describe(target.name, text, text_size);
    case SLIMSCALE_DEVICE_CUDA:
        return CudaDevice::describe(options, text, text_size);
    case SLIMSCALE_DEVICE_OPENCL:
        return OpenclDevice::describe(options.ordinal, text, text_size);
    case SLIMSCALE_DEVICE_VULKAN:
        return VulkanDevice::describe(options.ordinal, text, text_size);
    default:
        std::snprintf(text, text_size, "this library runs no target of the kind of %s", target.name);
        return SLIMSCALE_UNSUPPORTED_TARGET;
    }
}

}  // namespace slimscale::runtime

// The classes above have pure virtual functions and the library must not need a C++ runtime library.
extern "C" __attribute__((weak)) void __cxa_pure_virtual() {}
