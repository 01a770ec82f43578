#include "runtime/filters/quantized.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "contract/winograd.h"
#include "runtime/plan/steps.h"

namespace slimscale::runtime {

namespace {

using winograd::kQ16Limit;

constexpr int kElements = contract::kElements;
constexpr int kTaps = 9;
static_assert(kElements == kQ16Elements, "one range per Winograd-domain element");
constexpr double kLargestWeight = INT16_MAX - 1;  // before rounding
// An element whose range is zero, since calibration saw no input there, gets this share of the filter's largest range.
constexpr float kLeastShare = 1e-6f;

int64_t blocks_of(const BlobFilter &f) {
    return static_cast<int64_t>(block_count(f));
}

int elements_of(const BlobFilter &f) {
    return q16_ranges_of(f.kernel);
}

// Strides; returns the bytes of all values.
size_t shape(const BlobFilter &f, QuantizedFilter &packed) {
    packed.block = off_page(static_cast<int64_t>(f.inputs) * kFilterBlock, sizeof(int16_t));
    packed.element = packed.block * blocks_of(f);
    packed.phase = packed.element * elements_of(f);
    return round_up(static_cast<size_t>(packed.phase) * f.phases * sizeof(int16_t), kAlignment);
}

size_t scale_count(const BlobFilter &f) {
    return f.phases * static_cast<size_t>(blocks_of(f)) * kFilterBlock;
}

// The work of one call of the pool: quantising all blocks of one filter.
struct Quantization {
    const BlobFilter *filter;
    const QuantizedFilter *packed;
    const float *plain;
    const float *weight;  // [l][k]: range and gain
    int16_t *out;
    float *inverse;  // 1 / D per output
};

void transformed(const Quantization &q, const float *plain, uint32_t ci, int o, float u[kElements]) {
    if (q.filter->kernel == 1) {
        u[0] = plain[ci * kFilterBlock + static_cast<uint32_t>(o)] * q.weight[0];
        return;
    }
    float g[3][3], elements[contract::kAlpha][contract::kAlpha];
    for (int tap = 0; tap < kTaps; tap++)
        g[tap / 3][tap % 3] =
            plain[(ci * kTaps + static_cast<uint32_t>(tap)) * kFilterBlock + static_cast<uint32_t>(o)];
    winograd::transform_filter(g, elements);
    for (int i = 0; i < kElements; i++)
        u[i] = elements[i / contract::kAlpha][i % contract::kAlpha] * q.weight[i];
}

// The largest factor of one output channel's filter: |U| below 15 bits, and kQ16Limit * sum |U| below 31, rounding
// (half per input) included.
double largest_factor(const Quantization &q, const float *plain, int o) {
    const int elements = elements_of(*q.filter);
    double sums[kElements] = {}, most = 0;
    for (uint32_t ci = 0; ci < q.filter->inputs; ci++) {
        float u[kElements];
        transformed(q, plain, ci, o, u);
        for (int i = 0; i < elements; i++) {
            sums[i] += std::fabs(u[i]);
            most = std::max(most, static_cast<double>(std::fabs(u[i])));
        }
    }
    if (!(most > 0))
        return 1;
    const double room = static_cast<double>(INT32_MAX / kQ16Limit) - 0.5 * q.filter->inputs - 1;
    return std::min(kLargestWeight / most, room / *std::max_element(sums, sums + elements));
}

// index runs over phases x blocks. Filters are transformed twice, once to find their factor and once to apply it:
// keeping the transformed values would take 36 floats per input and output of every worker.
void quantize_block(void *data, int index, int) {
    const auto &q = *static_cast<const Quantization *>(data);
    const int elements = elements_of(*q.filter);
    const int64_t blocks = blocks_of(*q.filter), phase = index / blocks, block = index % blocks;
    const float *plain = q.plain + index * static_cast<int64_t>(block_stride(*q.filter));
    int16_t *out = q.out + phase * q.packed->phase + block * q.packed->block;
    for (int o = 0; o < kFilterBlock; o++) {
        const double factor = largest_factor(q, plain, o);
        q.inverse[index * kFilterBlock + o] = static_cast<float>(1 / factor);
        for (uint32_t ci = 0; ci < q.filter->inputs; ci++) {
            float u[kElements];
            transformed(q, plain, ci, o, u);
            int16_t *at = out + (ci / kPair * kFilterBlock + static_cast<uint32_t>(o)) * kPair + ci % kPair;
            for (int i = 0; i < elements; i++)
                at[i * q.packed->element] = static_cast<int16_t>(std::lround(u[i] * factor));
        }
    }
}

// The largest ranges over all calibrated widths, so that the filters do not depend on which widths are opened.
void common_range(const BlobView &blob, size_t filter, float range[kElements]) {
    const int elements = elements_of(blob.filters[filter]);
    std::fill(range, range + elements, 0.f);
    for (uint32_t w = 0; w < blob.header->q16_count; w++) {
        const float *ranges = blob.q16_ranges(static_cast<int>(blob.q16_widths[w])) + filter * kElements;
        for (int i = 0; i < elements; i++)
            range[i] = std::max(range[i], ranges[i]);
    }
    const float most = *std::max_element(range, range + elements);
    for (int i = 0; i < elements; i++)
        range[i] = std::max(range[i], most > 0 ? most * kLeastShare : 1.f);
}

// Whether all convolutions of the width have ranges. An archive made with --plain-tail has one that the file may lack.
bool is_calibrated(const slimscale_network_plan &width, const BlobView &blob) {
    const float *ranges = blob.q16_ranges(width.channels);
    for (int i = 0; ranges && i < width.step_count; i++) {
        const slimscale_step &s = width.steps[i];
        if (facts_of(s).has_q16() && !(ranges[s.filter * kElements] > 0))
            return false;
    }
    return ranges != nullptr;
}

}  // namespace

const slimscale_network_plan *uncalibrated_width(const slimscale_network_plan *const *widths, int width_count,
                                                 const BlobView &blob) {
    for (int w = 0; w < width_count; w++)
        if (!is_calibrated(*widths[w], blob))
            return widths[w];
    return nullptr;
}

// Makes the scales of a width as large as its own ranges allow: no input exceeds kQ16Limit if calibration saw them all.
void QuantizedFilters::set_scales(const BlobView &blob, size_t filter, int width, const float *range,
                                  const float *inverse, float *&next) {
    const float *own = blob.q16_ranges(widths_[width]->channels) + filter * kElements;
    const int elements = elements_of(blob.filters[filter]);
    float share = kLeastShare;
    for (int i = 0; i < elements; i++)
        share = std::max(share, own[i] / range[i]);
    const float scale = static_cast<float>(kQ16Limit) / share;
    float *input_scale = next, *output_scale = next + elements;
    for (int i = 0; i < elements; i++)
        input_scale[i] = scale / range[i];
    const size_t count = scale_count(blob.filters[filter]);
    for (size_t o = 0; o < count; o++)
        output_scale[o] = inverse[o] / scale;
    scales_[static_cast<size_t>(width) * filter_count_ + filter] = {input_scale, output_scale};
    next = output_scale + count;
}

slimscale_status QuantizedFilters::open(const slimscale_model &model, const FilterLayout *layouts,
                                        const slimscale_network_plan *const *widths, int width_count,
                                        const BlobView &blob, const slimscale_allocator &allocator,
                                        const slimscale_thread_pool &pool, Error &error) {
    widths_ = widths;
    filter_count_ = blob.header->filter_count;
    const size_t count = filter_count_, opened = static_cast<size_t>(width_count);
    const size_t forms_bytes = round_up(sizeof(QuantizedFilter) * count, kAlignment);
    if (!table_.allocate(allocator, forms_bytes + sizeof(QuantizedScales) * count * opened))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the filter table");
    packed_ = reinterpret_cast<QuantizedFilter *>(table_.data());
    scales_ = reinterpret_cast<QuantizedScales *>(table_.data() + forms_bytes);

    size_t values_bytes = 0, floats = 0;
    for (size_t f = 0; f < count; f++) {
        packed_[f] = {};
        if (layouts[f] != FilterLayout::fixed_point)
            continue;
        values_bytes += shape(blob.filters[f], packed_[f]);
        floats +=
            opened * static_cast<size_t>(elements_of(blob.filters[f])) + (opened + 1) * scale_count(blob.filters[f]);
    }
    if (!memory_.allocate(allocator, values_bytes + floats * sizeof(float)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for the quantised filters of %s",
                         values_bytes + floats * sizeof(float), model.name);
    std::fill(memory_.data(), memory_.data() + memory_.size(), static_cast<unsigned char>(0));

    unsigned char *values = memory_.data();
    auto *next = reinterpret_cast<float *>(memory_.data() + values_bytes);
    for (size_t f = 0; f < count; f++) {
        if (packed_[f].element == 0)
            continue;
        const BlobFilter &filter = blob.filters[f];
        float range[kElements], weight[kElements];
        common_range(blob, f, range);
        for (int i = 0; i < elements_of(filter); i++)
            weight[i] = range[i] * static_cast<float>(winograd::kQ16Gain[i / contract::kAlpha] *
                                                      winograd::kQ16Gain[i % contract::kAlpha]);
        auto *out = reinterpret_cast<int16_t *>(values);
        Quantization work{&filter, &packed_[f], blob.weights(static_cast<uint32_t>(f)), weight, out, next};
        pool.run(pool.opaque, static_cast<int>(blocks_of(filter) * filter.phases), quantize_block, &work);
        packed_[f].weights = out;
        next += scale_count(filter);
        for (int w = 0; w < width_count; w++)
            set_scales(blob, f, w, range, work.inverse, next);
        values += round_up(static_cast<size_t>(packed_[f].phase) * filter.phases * sizeof(int16_t), kAlignment);
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
