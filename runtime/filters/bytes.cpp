#include "runtime/filters/bytes.h"

#include <algorithm>
#include <cmath>

#include "runtime/plan/steps.h"

namespace slimscale::runtime {

namespace {

constexpr int kTaps = 9, kLargestByte = 255, kLargestWeight = 127;
using contract::kQuad;
using contract::kTileBytes;
using contract::kTileFilterRows;

int64_t blocks_of(const BlobFilter &f) {
    return static_cast<int64_t>(block_count(f));
}

// Strides; returns the bytes of all weights.
size_t shape(const BlobFilter &f, ByteFilter &packed) {
    const int64_t chunks = contract::filter_blocks(static_cast<int>(f.inputs), kTileBytes);
    const int64_t row = kQuad * kFilterBlock;
    packed.block = off_page(chunks * kTaps * kTileFilterRows * row, 1);
    packed.rows = packed.block / row;
    packed.block = packed.rows * row;
    packed.group = packed.block * (f.groups > 1 ? f.outputs / f.groups / kFilterBlock : blocks_of(f));
    packed.phase = packed.block * blocks_of(f);
    return round_up(static_cast<size_t>(packed.phase) * f.phases, kAlignment);
}

size_t output_count(const BlobFilter &f) {
    return f.phases * static_cast<size_t>(blocks_of(f)) * kFilterBlock;
}

// The work of one call of the pool: packing all blocks of one filter.
struct Packing {
    const BlobFilter *filter;
    const ByteFilter *packed;
    const float *plain;
    int8_t *out;
    float *step;  // per output: what a weight byte of 1 stands for
};

// The weight of one block of 16 outputs, for tap = kx + 3 * ky.
float weight_of(const float *plain, uint32_t ci, int tap, int o) {
    return plain[(ci * kTaps + static_cast<uint32_t>(tap)) * kFilterBlock + static_cast<uint32_t>(o)];
}

int byte_of(float weight, float step) {
    return static_cast<int>(std::lround(weight / step));
}

float step_of(const BlobFilter &f, const float *plain, int o) {
    float most = 0;
    for (uint32_t ci = 0; ci < f.inputs; ci++)
        for (int tap = 0; tap < kTaps; tap++)
            most = std::max(most, std::fabs(weight_of(plain, ci, tap, o)));
    return most > 0 ? most / kLargestWeight : 1;
}

// index runs over phases x blocks.
void pack_block(void *data, int index, int) {
    const auto &p = *static_cast<const Packing *>(data);
    const int64_t blocks = blocks_of(*p.filter);
    const float *plain = p.plain + index * static_cast<int64_t>(block_stride(*p.filter));
    int8_t *out = p.out + index / blocks * p.packed->phase + index % blocks * p.packed->block;
    for (int o = 0; o < kFilterBlock; o++) {
        const float step = p.step[index * kFilterBlock + o] = step_of(*p.filter, plain, o);
        for (uint32_t ci = 0; ci < p.filter->inputs; ci++)
            for (int tap = 0; tap < kTaps; tap++) {
                const uint32_t chunk = ci / kTileBytes, quad = ci % kTileBytes / kQuad;
                const uint32_t row = kTileFilterRows * (static_cast<uint32_t>(tap) + kTaps * chunk) + quad;
                out[(row * kFilterBlock + static_cast<uint32_t>(o)) * kQuad + ci % kQuad] =
                    static_cast<int8_t>(byte_of(weight_of(plain, ci, tap, o), step));
            }
    }
}

bool computes_in_bytes(const slimscale_step &s) {
    return facts_of(s).block == contract::Block::conv3x3;
}

// Whether all convolutions of the width have ranges. An archive made with --plain-tail has one that the file may lack.
bool has_ranges(const slimscale_network_plan &width, const BlobView &blob) {
    const float *ranges = blob.int8_ranges(width.channels);
    for (int i = 0; ranges && i < width.step_count; i++) {
        const slimscale_step &s = width.steps[i];
        if (computes_in_bytes(s) && !(ranges[s.filter * kInt8Limits + 1] > ranges[s.filter * kInt8Limits]))
            return false;
    }
    return ranges != nullptr;
}

// The input channels that the width's steps read of the filter; 0: none does.
uint32_t inputs_read(const slimscale_network_plan &width, size_t filter) {
    for (int i = 0; i < width.step_count; i++)
        if (computes_in_bytes(width.steps[i]) && static_cast<size_t>(width.steps[i].filter) == filter)
            return static_cast<uint32_t>(width.steps[i].cin);
    return 0;
}

// The sum of the weight bytes that output `o` of a block has for the first `inputs` channels.
int64_t sum_of_bytes(const float *plain, uint32_t inputs, int o, float step) {
    int64_t sum = 0;
    for (uint32_t ci = 0; ci < inputs; ci++)
        for (int tap = 0; tap < kTaps; tap++)
            sum += byte_of(weight_of(plain, ci, tap, o), step);
    return sum;
}

}  // namespace

const slimscale_network_plan *width_without_bytes(const slimscale_network_plan *const *widths, int width_count,
                                                  const BlobView &blob) {
    for (int w = 0; w < width_count; w++)
        if (!has_ranges(*widths[w], blob))
            return widths[w];
    return nullptr;
}

void ByteFilters::set_scales(const BlobView &blob, size_t filter, int width, const float *step, float *&next) {
    const BlobFilter &f = blob.filters[filter];
    const uint32_t inputs = inputs_read(*widths_[width], filter);
    if (inputs == 0)
        return;
    const float *range = blob.int8_ranges(widths_[width]->channels) + filter * kInt8Limits;
    ByteScales &scales = scales_[static_cast<size_t>(width) * filter_count_ + filter];
    scales.input_scale = static_cast<float>(kLargestByte) / (range[1] - range[0]);
    scales.input_zero = static_cast<int>(std::lround(-range[0] * scales.input_scale));
    const size_t count = output_count(f);
    float *output_scale = next, *bias = next + count;
    for (size_t i = 0; i < count; i++) {
        const float *plain = blob.weights(static_cast<uint32_t>(filter)) + i / kFilterBlock * block_stride(f);
        const int64_t bytes = sum_of_bytes(plain, inputs, static_cast<int>(i % kFilterBlock), step[i]);
        output_scale[i] = step[i] / scales.input_scale;
        bias[i] = static_cast<float>(double{blob.bias(static_cast<uint32_t>(filter))[i]} -
                                     double{output_scale[i]} * static_cast<double>(scales.input_zero * bytes));
    }
    scales.output_scale = output_scale;
    scales.bias = bias;
    next = bias + count;
}

slimscale_status ByteFilters::open(const slimscale_model &model, const FilterLayout *layouts,
                                   const slimscale_network_plan *const *widths, int width_count, const BlobView &blob,
                                   const slimscale_allocator &allocator, const slimscale_thread_pool &pool,
                                   Error &error) {
    widths_ = widths;
    filter_count_ = blob.header->filter_count;
    const size_t count = filter_count_, opened = static_cast<size_t>(width_count);
    const size_t packed_bytes = round_up(sizeof(ByteFilter) * count, kAlignment);
    if (!table_.allocate(allocator, packed_bytes + sizeof(ByteScales) * count * opened))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the filter table");
    packed_ = reinterpret_cast<ByteFilter *>(table_.data());
    scales_ = reinterpret_cast<ByteScales *>(table_.data() + packed_bytes);
    std::fill(scales_, scales_ + count * opened, ByteScales{});

    size_t weight_bytes = 0, floats = 0;
    for (size_t f = 0; f < count; f++) {
        packed_[f] = {};
        if (layouts[f] != FilterLayout::quads)
            continue;
        weight_bytes += shape(blob.filters[f], packed_[f]);
        floats += (2 * opened + 1) * output_count(blob.filters[f]);
    }
    if (!memory_.allocate(allocator, weight_bytes + floats * sizeof(float)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for the filters of %s in bytes",
                         weight_bytes + floats * sizeof(float), model.name);
    std::fill(memory_.data(), memory_.data() + memory_.size(), static_cast<unsigned char>(0));

    unsigned char *weights = memory_.data();
    auto *next = reinterpret_cast<float *>(memory_.data() + weight_bytes);
    for (size_t f = 0; f < count; f++) {
        if (packed_[f].phase == 0)
            continue;
        const BlobFilter &filter = blob.filters[f];
        Packing work{&filter, &packed_[f], blob.weights(static_cast<uint32_t>(f)), reinterpret_cast<int8_t *>(weights),
                     next};
        pool.run(pool.opaque, static_cast<int>(blocks_of(filter) * filter.phases), pack_block, &work);
        packed_[f].weights = work.out;
        next += output_count(filter);
        for (int w = 0; w < width_count; w++)
            set_scales(blob, f, w, work.step, next);
        weights += round_up(static_cast<size_t>(packed_[f].phase) * filter.phases, kAlignment);
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
