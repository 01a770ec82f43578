// The packed filters of a handle (layouts: packers.h), made once at open from the filters of the blob. A narrower width
// reads the leading part of each block, so one set of filters serves all widths.
#pragma once

#include "contract/blob_view.h"
#include "runtime/filters/bytes.h"
#include "runtime/filters/packers.h"
#include "runtime/filters/quantized.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

// The filters, and the biases where the device does not read host memory, are in the device's memory, which this owns.
class Filters {
public:
    // Checks that `blob` has the filters that the steps of the model name, with their shapes, then packs those that the
    // opened widths read, on the pool. `widths` must outlive this. Precondition: the device is entered. On failure
    // nothing is held.
    slimscale_status open(const slimscale_model &model, const slimscale_compiled_target &target,
                          const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                          const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Device &device,
                          Error &error);
    void close();  // precondition: the device is entered
    void forget();

    size_t count() const { return filter_count_; }  // number of filters in the blob
    // The filter as the steps' own pipelines read it.
    const PackedFilter &operator[](int index) const { return packed_[index]; }
    // The filter in FilterLayout::winograd32.
    const PackedFilter &winograd(int index) const { return winograd_[index]; }
    // The filters of an opened width's collapsed tail (collapsed_tail.h). They are made of two filters of the blob for
    // each width, since they sum over the width's channels; `phase` is the stride between them.
    const PackedFilter &collapsed(const slimscale_network_plan &width) const {
        int i = 0;
        while (widths_[i] != &width)
            i++;
        return collapsed_[i];
    }
    const QuantizedFilters &quantized() const { return quantized_; }
    const ByteFilters &in_bytes() const { return in_bytes_; }
    size_t bytes() const {
        return table_.size() + memory_.size() + device_memory_.size() + quantized_.bytes() + in_bytes_.bytes();
    }

private:
    slimscale_status allocate_table(const slimscale_model &model, int width_count, const slimscale_allocator &allocator,
                                    Error &error);
    void choose_layouts(const slimscale_compiled_target &target, int width_count);
    size_t shape(const BlobView &blob, int width_count, bool in_place);
    slimscale_status move_to(Device &device, Error &error);

    Block table_, memory_;       // memory_: in the host's memory; empty once device_memory_ has its contents
    DeviceBlock device_memory_;  // used if the device does not read the host's memory
    QuantizedFilters quantized_;
    ByteFilters in_bytes_;
    // In table_, the first three one behind the other: [filter], [filter], [opened width].
    PackedFilter *packed_ = nullptr, *winograd_ = nullptr, *collapsed_ = nullptr;
    FilterLayout *layouts_ = nullptr, *winograd_layouts_ = nullptr;  // [filter], chosen before anything is packed
    size_t packed_count_ = 0, filter_count_ = 0;
    const slimscale_network_plan *const *widths_ = nullptr;
};

}  // namespace slimscale::runtime
