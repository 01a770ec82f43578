#include "runtime/filters/packers.h"

#include <cstring>

#include "contract/bf16.h"
#include "contract/blob_view.h"
#include "contract/compiled_target.h"
#include "contract/winograd.h"
#include "runtime/filters/quantized.h"
#include "runtime/plan/steps.h"
#include "runtime/plan/tile_chunk.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

namespace {

constexpr int kTaps = 9;
constexpr int kSide = contract::kAlpha;
using contract::kElements;

int padded_inputs(const BlobFilter &f) {
    return round_up(static_cast<int>(f.inputs), kFilterBlock);
}

// Blocks of 16 in one of a filter's groups.
int64_t group_blocks(const BlobFilter &f) {
    return f.groups > 1 ? f.outputs / f.groups / kFilterBlock : block_count(f);
}

// ---- Strides

void set_blocks(const BlobFilter &f, PackedFilter &packed, int64_t block) {
    packed.block = block;
    packed.phase = block * packed.blocks;
    packed.group = block * group_blocks(f);
}

void shape_plain(const BlobFilter &f, PackedFilter &packed) {
    set_blocks(f, packed, static_cast<int64_t>(block_stride(f)));
}

void shape_off_pages(const BlobFilter &f, PackedFilter &packed) {
    set_blocks(f, packed, off_page(static_cast<int64_t>(block_stride(f)), sizeof(float)));
}

void shape_tail(const BlobFilter &f, PackedFilter &packed) {
    packed.phase = static_cast<int64_t>(padded_inputs(f)) * kTaps * f.outputs;
}

uint32_t taps_of(const BlobFilter &f) {
    return f.kernel * f.kernel;
}

// A row, a pair of weights for each of 16 output channels, takes the place of 16 floats. The last segment of a
// concatenation may begin at any multiple of 8 channels and is read in whole steps, up to 8 channels beyond the last
// one.
void shape_pairs(const BlobFilter &f, PackedFilter &packed) {
    constexpr int kReadBeyond = kFilterBlock / 2;
    const int inputs = static_cast<int>(f.inputs) + (f.kernel == 1 ? kReadBeyond : 0);
    const int64_t chunks = contract::filter_blocks(inputs, contract::kTileInputs);
    const int64_t rows = chunks * taps_of(f) * contract::kTileFilterRows;
    set_blocks(f, packed, off_page(rows * kFilterBlock, sizeof(float)));
}

void shape_winograd16(const BlobFilter &f, PackedFilter &packed) {
    set_blocks(f, packed, off_page(static_cast<int64_t>(f.inputs) * kFilterBlock, sizeof(float)));
    packed.element = packed.block * packed.blocks;
    packed.phase = packed.element * kElements;
}

// Blocks of 32, of which a group has its own.
void set_wide_blocks(const BlobFilter &f, PackedFilter &packed, int taps) {
    const int64_t blocks = (group_blocks(f) * kFilterBlock + kDeviceFilterBlock - 1) / kDeviceFilterBlock;
    packed.block = static_cast<int64_t>(kDeviceFilterBlock) * taps * f.inputs;
    packed.group = blocks * packed.block;
}

void shape_direct32(const BlobFilter &f, PackedFilter &packed) {
    set_wide_blocks(f, packed, kTaps);
    packed.phase = packed.group * f.groups;
}

void shape_winograd32(const BlobFilter &f, PackedFilter &packed) {
    set_wide_blocks(f, packed, 1);
    packed.element = packed.group * f.groups;
    packed.phase = packed.element * kElements;
}

// ---- Values, of one block of 16 output channels

void copy_block(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *out) {
    std::memcpy(out + block * packed.block, plain, block_stride(f) * sizeof(float));
}

// Packs the whole filter when its first block is packed.
void transpose_tail(const BlobFilter &f, const float *plain, const PackedFilter &, int block, float *out) {
    const int padded = padded_inputs(f);
    for (uint32_t o = 0; block == 0 && o < f.outputs; o++)
        for (uint32_t tap = 0; tap < kTaps; tap++)
            for (uint32_t ci = 0; ci < f.inputs; ci++)
                out[(o * kTaps + tap) * static_cast<uint32_t>(padded) + ci] =
                    plain[((o / kFilterBlock * f.inputs + ci) * kTaps + tap) * kFilterBlock + o % kFilterBlock];
}

// Transforms 16 * inputs filters of 3x3 into 36 elements each. `pitch`: floats from one input channel to the next.
void transform(const BlobFilter &f, const float *plain, int64_t element, int pitch, float *out) {
    for (uint32_t ci = 0; ci < f.inputs; ci++) {
        for (int o = 0; o < kFilterBlock; o++) {
            float g[3][3], u[kSide][kSide];
            for (int tap = 0; tap < kTaps; tap++)
                g[tap / 3][tap % 3] =
                    plain[(ci * kTaps + static_cast<uint32_t>(tap)) * kFilterBlock + static_cast<uint32_t>(o)];
            winograd::transform_filter(g, u);
            for (int i = 0; i < kElements; i++)
                out[i * element + static_cast<int64_t>(ci) * pitch + o] = u[i / kSide][i % kSide];
        }
    }
}

void pack_winograd16(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *out) {
    transform(f, plain, packed.element, kFilterBlock, out + block * packed.block);
}

void pack_pairs(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *out) {
    auto *rows = reinterpret_cast<unsigned char *>(out + block * packed.block);
    const uint32_t taps = taps_of(f);
    for (uint32_t ci = 0; ci < f.inputs; ci++)
        for (uint32_t tap = 0; tap < taps; tap++)  // ky, kx as in the blob
            for (uint32_t o = 0; o < kFilterBlock; o++) {
                const uint32_t chunk = ci / contract::kTileInputs, pair = ci % contract::kTileInputs / contract::kPair;
                const uint32_t row = contract::kTileFilterRows * (tap + taps * chunk) + pair;
                const uint16_t weight = contract::to_bf16(plain[(ci * taps + tap) * kFilterBlock + o]);
                const uint32_t place = (row * kFilterBlock + o) * contract::kPair + ci % contract::kPair;
                std::memcpy(rows + place * sizeof weight, &weight, sizeof weight);
            }
}

// The place of a block of 16 output channels in a block of 32.
float *half_block(const BlobFilter &f, const PackedFilter &packed, int block, float *phase) {
    const int64_t in_group = block % group_blocks(f), half = in_group * kFilterBlock % kDeviceFilterBlock;
    return phase + block / group_blocks(f) * packed.group +
           in_group * kFilterBlock / kDeviceFilterBlock * packed.block + half;
}

void pack_direct32(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *out) {
    float *half = half_block(f, packed, block, out);
    for (uint32_t row = 0; row < f.inputs * kTaps; row++)
        std::memcpy(half + row * kDeviceFilterBlock, plain + row * kFilterBlock, kFilterBlock * sizeof(float));
}

void pack_winograd32(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *out) {
    transform(f, plain, packed.element, kDeviceFilterBlock, half_block(f, packed, block, out));
}

// ---- The table

struct Packer {
    FilterLayout layout;
    bool as_in_blob;  // the layout is the blob's, whose memory can be used
    void (*shape)(const BlobFilter &filter, PackedFilter &packed);
    void (*pack)(const BlobFilter &filter, const float *plain, const PackedFilter &packed, int block, float *phase_out);
};

constexpr Packer kPackers[] = {
    {FilterLayout::plain, true, shape_plain, copy_block},
    {FilterLayout::off_pages, false, shape_off_pages, copy_block},
    {FilterLayout::tail, false, shape_tail, transpose_tail},
    {FilterLayout::winograd16, false, shape_winograd16, pack_winograd16},
    {FilterLayout::direct32, false, shape_direct32, pack_direct32},
    {FilterLayout::winograd32, false, shape_winograd32, pack_winograd32},
    {FilterLayout::pairs, false, shape_pairs, pack_pairs},
    {FilterLayout::quads, true, shape_plain, copy_block},
    {FilterLayout::fixed_point, true, shape_plain, copy_block},
};

const Packer *packer_of(FilterLayout layout) {
    for (const Packer &packer : kPackers)
        if (packer.layout == layout)
            return &packer;
    return nullptr;
}

size_t bias_bytes(const BlobFilter &f) {
    return round_up(static_cast<size_t>(tail_count(f)) * sizeof(float), kAlignment);
}

}  // namespace

FilterLayout layout_of(const slimscale_compiled_target &target, const slimscale_step &step) {
    const contract::OperationFacts &facts = facts_of(step);
    if (contract::type_of(target) == contract::DataType::q16 && facts.has_q16())
        return FilterLayout::fixed_point;
    switch (facts.packing) {
    case contract::Packing::winograd:
        if (target.device == SLIMSCALE_DEVICE_CPU && contract::type_of(target) == contract::DataType::int8)
            return FilterLayout::quads;
        if (target.device == SLIMSCALE_DEVICE_CPU)
            return contract::type_of(target) == contract::DataType::bf16 ? FilterLayout::pairs
                                                                         : FilterLayout::winograd16;
        return winograd_of(target, step) ? FilterLayout::winograd32 : FilterLayout::direct32;
    case contract::Packing::spaced:
        return contract::in_tiles(contract::type_of(target)) ? FilterLayout::pairs : FilterLayout::off_pages;
    case contract::Packing::transposed:
        return FilterLayout::tail;
    case contract::Packing::plain:
        return FilterLayout::plain;
    case contract::Packing::collapsed:
    case contract::Packing::none:
        break;
    }
    return FilterLayout::none;
}

PackedFilter shape_packed(const BlobFilter &f, FilterLayout layout, bool in_place) {
    PackedFilter packed{};
    const Packer *packer = packer_of(layout);
    if (!packer)
        return packed;
    packed.layout = layout;
    packed.inputs = static_cast<int>(f.inputs);
    packed.blocks = static_cast<int>(block_count(f));
    packed.bias_phase = packed.blocks * kFilterBlock;
    packer->shape(f, packed);
    if (!in_place)
        packed.bytes = weight_bytes(f, packed) + bias_bytes(f);
    else if (!packer->as_in_blob)
        packed.bytes = weight_bytes(f, packed);
    return packed;
}

size_t weight_bytes(const BlobFilter &f, const PackedFilter &packed) {
    return round_up(static_cast<size_t>(packed.phase) * f.phases * sizeof(float), kAlignment);
}

void pack_block(const BlobFilter &f, const float *plain, const PackedFilter &packed, int block, float *phase_out) {
    packer_of(packed.layout)->pack(f, plain, packed, block, phase_out);
}

}  // namespace slimscale::runtime
