// The filters of q16 targets, for products in fixed point in 3x3 convolutions by Winograd and in 1x1 convolutions.
//
// A transformed input V is stored as int16, round(V * input_scale[k, l]) limited to +-kQ16Limit, a transformed filter U
// as round(U * range[k, l] * gain[k, l] * D[o]) (kQ16Gain), and their products are summed in int32. `range` is the
// largest |V| that calibration saw at a Winograd-domain element in any width, so filters are quantised once; a width's
// input_scale[k, l] = scale / range[k, l], as large as its own ranges allow. Every Winograd-domain element of a sum
// then has the factor scale * D[o], which one multiplication per output (output_scale) removes. D[o] is the largest for
// which neither an int16 nor, with any inputs whatever, a sum overflows. A 1x1 convolution has one Winograd-domain
// element of gain 1: the pixels themselves.
#pragma once

#include "contract/blob_view.h"
#include "runtime/filters/packers.h"
#include "runtime/platform/context.h"

namespace slimscale::runtime {

using contract::kPair;

struct QuantizedFilter {
    // pair, o16, ci / 2, block, phase; conv3x3 has Winograd-domain elements k, l before the phase. Null: no step of q16
    // reads the filter.
    const int16_t *weights;
    int64_t block, element, phase;  // strides in values
};

// The scales of one filter at one width. They are owned by QuantizedFilters.
struct QuantizedScales {
    const float *input_scale;   // [l][k]; conv1x1: one
    const float *output_scale;  // [phase][round_up(outputs, 16)]
};

class QuantizedFilters {
public:
    // Quantises the filters whose entry in `layouts` is fixed_point. `widths` are the opened ones; they must outlive
    // this and be calibrated.
    slimscale_status open(const slimscale_model &model, const FilterLayout *layouts,
                          const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                          const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Error &error);
    const QuantizedFilter &operator[](int filter) const { return packed_[filter]; }
    const QuantizedScales &scales(const slimscale_network_plan &width, int filter) const {
        int i = 0;
        while (widths_[i] != &width)
            i++;
        return scales_[static_cast<size_t>(i) * filter_count_ + static_cast<size_t>(filter)];
    }
    size_t bytes() const { return table_.size() + memory_.size(); }

private:
    void set_scales(const BlobView &blob, size_t filter, int width, const float *range, const float *inverse,
                    float *&next);

    Block table_, memory_;
    QuantizedFilter *packed_ = nullptr;
    QuantizedScales *scales_ = nullptr;  // [width][filter]
    size_t filter_count_ = 0;
    const slimscale_network_plan *const *widths_ = nullptr;
};

// Returns the first opened width that the weights are not calibrated for, or null.
const slimscale_network_plan *uncalibrated_width(const slimscale_network_plan *const *widths, int width_count,
                                                 const BlobView &blob);

}  // namespace slimscale::runtime
