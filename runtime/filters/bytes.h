// The filters of int8 targets, for products of bytes in AMX tiles in 3x3 convolutions.
//
// An input p becomes the unsigned byte q = round(p * input_scale) + input_zero, limited to 0 to 255, and a weight w the
// signed byte round(w / step[o]) of at most 127. Sums of their products are exact in int32. With (q - input_zero) /
// input_scale for p and output_scale = step / input_scale,
//
//     sum of p * w = output_scale[o] * (sum of products - input_zero * sum of weight bytes)
//
// and the last term is taken into the bias. step[o] is the same at all widths, so that weights are packed once; the
// other numbers belong to a width, whose activations have ranges of their own.
#pragma once

#include "contract/blob_view.h"
#include "runtime/filters/packers.h"
#include "runtime/platform/context.h"

namespace slimscale::runtime {

struct ByteFilter {
    // quad, o16, row (contract/layout.h), block, phase. Null: no step of int8 reads the filter.
    const int8_t *weights;
    int64_t block, group, phase;  // strides in bytes
    int64_t rows;                 // of a block
};

// What belongs to a filter at one width. The arrays are owned by ByteFilters.
struct ByteScales {
    float input_scale;
    int input_zero;
    const float *output_scale, *bias;  // [phase][round_up(outputs, 16)]
};

class ByteFilters {
public:
    // Packs the filters whose entry in `layouts` is quads. `widths` are the opened ones; they must outlive this and
    // have ranges.
    slimscale_status open(const slimscale_model &model, const FilterLayout *layouts,
                          const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                          const slimscale_allocator &allocator, const slimscale_thread_pool &pool, Error &error);
    const ByteFilter &operator[](int filter) const { return packed_[filter]; }
    const ByteScales &scales(const slimscale_network_plan &width, int filter) const {
        int i = 0;
        while (widths_[i] != &width)
            i++;
        return scales_[static_cast<size_t>(i) * filter_count_ + static_cast<size_t>(filter)];
    }
    size_t bytes() const { return table_.size() + memory_.size(); }

private:
    void set_scales(const BlobView &blob, size_t filter, int width, const float *step, float *&next);

    Block table_, memory_;
    ByteFilter *packed_ = nullptr;
    ByteScales *scales_ = nullptr;  // [width][filter]
    size_t filter_count_ = 0;
    const slimscale_network_plan *const *widths_ = nullptr;
};

// Returns the first opened width that the weights have no ranges of bytes for, or null.
const slimscale_network_plan *width_without_bytes(const slimscale_network_plan *const *widths, int width_count,
                                                  const BlobView &blob);

}  // namespace slimscale::runtime
