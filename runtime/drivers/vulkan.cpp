#include "runtime/drivers/vulkan.h"

#include <HalideRuntimeVulkan.h>

#include <cstdint>
#include <cstdio>

#include "runtime/drivers/interfaces.h"

// Null in libraries that are built without Halide's runtime for Vulkan.
// NOLINTNEXTLINE(readability-redundant-declaration): Halide's header does not make it weak.
extern "C" __attribute__((weak)) const halide_device_interface_t *halide_vulkan_device_interface();

namespace slimscale::runtime {

const halide_device_interface_t *vulkan_interface() {
    return halide_vulkan_device_interface ? halide_vulkan_device_interface() : nullptr;
}

namespace {

// The context that Halide's runtime reports errors to.
struct Reporting {
    Context context;
    Call call;

    explicit Reporting(Error &error) {
        call.contexts = &context;
        call.error = &error;
        context.call = &call;
    }
};

halide_buffer_t bytes_buffer(halide_dimension_t &dimension, size_t bytes) {
    dimension = halide_dimension_t(0, static_cast<int32_t>(bytes), 1);
    halide_buffer_t buffer{};
    buffer.type = halide_type_t(halide_type_uint, 8);
    buffer.dimensions = 1;
    buffer.dim = &dimension;
    return buffer;
}

// Halide's messages go to `error` while the object lives.
class Reports {
public:
    Reports(Call &call, Error &error) : call_(call) {
        call_.error = &error;
        call_.failed = false;
    }
    ~Reports() { call_.error = nullptr; }
    Reports(const Reports &) = delete;
    Reports &operator=(const Reports &) = delete;

private:
    Call &call_;
};

constexpr size_t kProbeBytes = 64;

// Bytes added to every buffer, since rounding in Halide's allocator may take the end of a region.
constexpr size_t kSlack = 4096;

}  // namespace

slimscale_status VulkanDevice::describe(int ordinal, char *text, size_t text_size) {
    Error error;
    Reporting reporting(error);
    if (ordinal != 0) {
        std::snprintf(text, text_size,
                      "Vulkan runs on the device that Halide chooses (HL_VK_DEVICE_TYPE); use device 0");
        return SLIMSCALE_UNSUPPORTED_TARGET;
    }
    const halide_device_interface_t *interface = vulkan_interface();
    if (!interface) {
        std::snprintf(text, text_size, "this library is built without Vulkan; link libslimscale_vulkan.a instead");
        return SLIMSCALE_UNSUPPORTED_TARGET;
    }
    halide_dimension_t dimension;
    halide_buffer_t probe = bytes_buffer(dimension, kProbeBytes);
    if (interface->device_malloc(&reporting.context, &probe, interface) != 0) {
        std::snprintf(text, text_size, "no Vulkan device: %s", error.text[0] ? error.text : "none was found");
        return SLIMSCALE_UNSUPPORTED_TARGET;
    }
    interface->device_free(&reporting.context, &probe);
    std::snprintf(text, text_size, "a Vulkan device, experimental");
    return SLIMSCALE_OK;
}

slimscale_status VulkanDevice::open(const slimscale_model &, const slimscale_compiled_target &,
                                    const DeviceOptions &options, const bool *, const slimscale_allocator &,
                                    Error &error) {
    interface_ = vulkan_interface();
    call_.contexts = &context_;
    context_.call = &call_;
    char why[192] = "";
    if (describe(options.ordinal, why, sizeof why) != SLIMSCALE_OK)
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", why);
    std::snprintf(name_, sizeof name_, "Vulkan device");
    return SLIMSCALE_OK;
}

slimscale_status VulkanDevice::allocate(size_t bytes, unsigned char **address, Error &error) {
    const Reports reports(call_, error);
    int slot = 0;
    while (slot < kMostAllocations && allocations_[slot].buffer.device)
        slot++;
    if (slot == kMostAllocations || bytes > INT32_MAX - kSlack)
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "Vulkan memory comes in pieces of at most 2 GB, and %zu bytes are "
                         "needed; plan smaller frames, or set memory_cap",
                         bytes);
    Allocation &a = allocations_[slot];
    a.buffer = bytes_buffer(a.bytes, bytes + kSlack);
    if (interface_->device_malloc(&context_, &a.buffer, interface_) != 0) {
        a.buffer.device = 0;
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the Vulkan device has no %zu bytes left; plan smaller frames, or set "
                         "memory_cap",
                         bytes);
    }
    *address = reinterpret_cast<unsigned char *>(static_cast<uintptr_t>(slot + 1) << kOffsetBits);
    a.hold = {};
    if (bind(a.hold, *address))
        return SLIMSCALE_OK;
    release(*address);
    return error.set(SLIMSCALE_DEVICE_FAILED, "a Vulkan buffer cannot be cropped");
}

void VulkanDevice::release(unsigned char *address) {
    Allocation &a = allocations_[(reinterpret_cast<uintptr_t>(address) >> kOffsetBits) - 1];
    unbind(a.hold);
    interface_->device_free(&context_, &a.buffer);
    a.buffer.device = 0;
}

bool VulkanDevice::bind(halide_buffer_t &buffer, const void *address) {
    const auto number = reinterpret_cast<uintptr_t>(address);
    const Allocation &a = allocations_[(number >> kOffsetBits) - 1];
    const auto offset = static_cast<int32_t>(number & ((uintptr_t{1} << kOffsetBits) - 1));
    halide_dimension_t dimension(offset, a.bytes.extent - offset, 1);
    halide_buffer_t crop = a.buffer;
    crop.dim = &dimension;
    crop.device = 0;
    crop.device_interface = nullptr;
    if (interface_->device_crop(&context_, &a.buffer, &crop) != 0)
        return false;
    buffer.device = crop.device;
    buffer.device_interface = crop.device_interface;
    return true;
}

void VulkanDevice::unbind(halide_buffer_t &buffer) {
    if (buffer.device)
        interface_->device_release_crop(&context_, &buffer);
    buffer.device = 0;
}

slimscale_status VulkanDevice::copy(halide_buffer_t &from, halide_buffer_t &to, Error &error) {
    const Reports reports(call_, error);
    const halide_device_interface_t *where = to.host ? nullptr : interface_;
    if (interface_->buffer_copy(&context_, &from, where, &to) == 0)
        return SLIMSCALE_OK;
    const Error reported = error;
    return error.set(SLIMSCALE_DEVICE_FAILED, "copying a frame by Vulkan: %.300s", reported.text);
}

slimscale_status VulkanDevice::copy_row(const unsigned char *device, const void *host, size_t bytes, bool to_device,
                                        Error &error) {
    halide_dimension_t host_dimension, device_dimension;
    halide_buffer_t here = bytes_buffer(host_dimension, bytes), there = bytes_buffer(device_dimension, bytes);
    here.host = static_cast<uint8_t *>(const_cast<void *>(host));
    if (!bind(there, device))
        return error.set(SLIMSCALE_DEVICE_FAILED, "a Vulkan buffer cannot be cropped");
    if (!to_device)
        there.set_device_dirty();
    const slimscale_status status = to_device ? copy(here, there, error) : copy(there, here, error);
    unbind(there);
    return status;
}

slimscale_status VulkanDevice::copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes,
                                         int rows, Error &error) {
    const bool in = way == Way::to_device;
    const PitchedRows &device = in ? to : from, &host = in ? from : to;
    for (int y = 0; y < rows; y++)
        if (copy_row(device.first + y * device.pitch, host.first + y * host.pitch, row_bytes, in, error) !=
            SLIMSCALE_OK)
            return error.status;
    return SLIMSCALE_OK;
}

// Halide waits for each kernel and copy.
slimscale_status VulkanDevice::finish(Error &) {
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime

// Halide 21's defaults, regions in multiples of 32 bytes in blocks of 4 KB, lose what lies beyond a multiple of 64
// bytes of buffers and of a kernel's scalar arguments (seen on Mesa 22.3's lavapipe; multiples of a page do not). This
// definition takes the place of Halide's weak one; the fields are those of its VulkanMemoryConfig.
namespace Halide::Runtime::Internal::Vulkan {

struct VulkanMemoryConfig {
    size_t maximum_pool_size, minimum_block_size, maximum_block_size, maximum_block_count, nearest_multiple;
};
extern VulkanMemoryConfig memory_allocator_config;
VulkanMemoryConfig memory_allocator_config{0, size_t{32} << 20, 0, 0, 4096};

}  // namespace Halide::Runtime::Internal::Vulkan
