// The blob's filters in the forms that the pipelines read, made once at open. Within a form a narrower width reads the
// leading part of each block, so one set serves every width.
#pragma once

#include "runtime/drivers/device.h"
#include "runtime/filters/quantized.h"
#include "runtime/model.h"
#include "weights/blob_format.h"
#include "weights/blob_view.h"

namespace slimscale::runtime {

struct FilterForm {
    const float *weights;  // form by the step that uses it, see below; of phase 0
    const float *bias;     // [phase][round_up(outputs, 16)]
    int64_t phase, block;  // strides in floats: between shuffle phases, between blocks of output channels
    int64_t group;         // between groups
    int64_t frequency;     // CONV3 by Winograd: between frequencies k; 6 of them between l
    int64_t bias_phase;
    int inputs, blocks;  // of one phase at full width
    size_t bytes;        // of memory made for it; 0: the blob's own is used in place
};

constexpr int kDeviceFilterBlock = 32;  // output channels side by side in CONV3's form on devices

// Forms, innermost first. HEAD, GATE: as in the blob. CONV1: o16, ci, block, blocks kept off multiples of 4 KB.
// CONV3: o16, ci, block, k, l per phase, likewise; on devices o32, kx, ky, ci, block, each group with blocks of its own.
// By Winograd there: o32, ci, block, group, frequency; of both forms those that the opened widths read. TAIL: ci (padded
// to 16), kx, ky, o. COLLAPSED_TAIL: none of its two filters, but for each opened width one made of both
// (collapsed_tail.h), since it sums over the width's channels. In q16 tiers CONV3's and CONV1's are `quantized`. On
// devices all forms and biases lie in the device's memory.
class Filters {
public:
    // Checks that `blob` has the filters that the model's steps name, then transforms them on the call's pool.
    // `widths`: those opened, which must outlive this. `device`: null for CPUs, else entered.
    slimscale_status open(const slimscale_model &model, const slimscale_tier &tier,
                          const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                          const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Device *device,
                          Error &error);
    void close();  // needs the device entered
    void forget();
    const FilterForm &operator[](int index) const { return forms_[index]; }
    size_t count() const { return filter_count_; }  // of the blob
    const FilterForm &winograd(int index) const { return winograd_[index]; }
    // Of an opened width that ends in a collapsed tail; `phase` is the stride between its filters.
    const FilterForm &collapsed(const slimscale_network_plan &width) const {
        int i = 0;
        while (widths_[i] != &width)
            i++;
        return forms_[filter_count_ + i];
    }
    const QuantizedFilters &quantized() const { return quantized_; }
    size_t bytes() const { return table_.size() + memory_.size() + device_memory_.size() + quantized_.bytes(); }

private:
    slimscale_status check(const slimscale_model &model, const BlobView &blob, int *kinds, Error &error);
    unsigned char *collapse(const BlobView &blob, const slimscale_network_plan &plan, FilterForm &form,
                            const slimscale_thread_pool &pool, unsigned char *memory);
    slimscale_status move_to(Device &device, size_t form_count, Error &error);
    void shape_winograd(const slimscale_tier &tier, int width_count, const BlobView &blob, int *kinds);
    unsigned char *transform(const BlobView &blob, uint32_t filter, FilterForm &form, int kind,
                             const slimscale_thread_pool &pool, unsigned char *memory);

    Block table_, memory_;
    DeviceBlock device_memory_;
    QuantizedFilters quantized_;
    bool on_device_ = false;
    FilterForm *forms_ = nullptr;     // of the blob's filters, then of the opened widths' collapsed tails
    FilterForm *winograd_ = nullptr;  // behind them: of the blob's filters again, as devices' products read them
    size_t filter_count_ = 0;
    const slimscale_network_plan *const *widths_ = nullptr;
};

}  // namespace slimscale::runtime
