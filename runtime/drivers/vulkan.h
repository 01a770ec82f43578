// Vulkan through Halide's own runtime, whose instance and device belong to the whole process. Experimental: checked on
// Mesa's lavapipe alone. Views are crops of an allocation, whose offsets Halide gives to the driver as they are, so a
// GPU that needs more alignment than views have (4 values) does not work.
#pragma once

#include "contract/model.h"
#include "runtime/platform/context.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

class VulkanDevice final : public Device {
public:
    slimscale_status open(const slimscale_model &model, const slimscale_compiled_target &target,
                          const DeviceOptions &options, const bool *used, const slimscale_allocator &allocator,
                          Error &error);
    static slimscale_status describe(int ordinal, char *text, size_t text_size);

    slimscale_status allocate(size_t bytes, unsigned char **address, Error &error) override;
    void release(unsigned char *address) override;
    slimscale_status copy_rows(Way way, const PitchedRows &to, const PitchedRows &from, size_t row_bytes, int rows,
                               Error &error) override;
    slimscale_status finish(Error &error) override;
    bool bind(halide_buffer_t &buffer, const void *address) override;
    void unbind(halide_buffer_t &buffer) override;

private:
    // Halide's memory has no addresses: ours number the allocation above kOffsetBits and the byte in it below.
    static constexpr int kMostAllocations = 8, kOffsetBits = 44;
    struct Allocation {
        halide_buffer_t buffer;
        halide_dimension_t bytes;
        // Halide 21 frees an allocation with its last crop, so this crop lives as long as the allocation.
        halide_buffer_t hold;
    };

    slimscale_status copy(halide_buffer_t &from, halide_buffer_t &to, Error &error);
    slimscale_status copy_row(const unsigned char *device, const void *host, size_t bytes, bool to_device,
                              Error &error);

    Context context_;
    Call call_;
    Allocation allocations_[kMostAllocations] = {};
};

}  // namespace slimscale::runtime
