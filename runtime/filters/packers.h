// The layouts in which pipelines read filters, and the packing of the blob's plain filters into each, as a table with
// one row per layout. Index orders are innermost first; o16 and o32 are output channels side by side, and "block"
// counts such blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "contract/blob_format.h"
#include "contract/model.h"

namespace slimscale::runtime {

using contract::kDeviceFilterBlock;

enum class FilterLayout : uint8_t {
    none,        // no opened step reads the filter from here
    plain,       // head (o16, kx, ky, ci, block) and squeeze_excite (o16, ci, block): as in the blob
    off_pages,   // conv1x1: o16, ci, block; blocks kept off multiples of 4 KB
    tail,        // tail: ci (padded to 16), kx, ky, o
    winograd16,  // conv3x3 on processors, Winograd-domain: o16, ci, block (as in off_pages), k, l, phase
    direct32,    // conv3x3 on GPUs: o32, kx, ky, ci, block, group, phase; each group has blocks of its own
    winograd32,  // conv3x3 on GPUs in three launches, Winograd-domain: o32, ci, block, group, k + 6 * l, phase
    pairs,       // conv3x3 and conv1x1 in AMX tiles, as bf16: pair, o16, row (contract/layout.h), block, phase
    quads,       // conv3x3 in AMX tiles, as bytes: weights and biases are ByteFilters'
    fixed_point  // conv3x3 and conv1x1 of q16 targets: the weights are QuantizedFilters', the bias is the blob's
};

// A filter in one layout. Strides are in floats; in `pairs` a float's place holds two weights.
struct PackedFilter {
    FilterLayout layout;
    const float *weights;  // of phase 0
    const float *bias;     // [phase][round_up(outputs, 16)]
    const float *slope;    // [outputs] of a filter with a PReLU; else null
    int64_t phase, block;  // between shuffle phases, between blocks of output channels
    int64_t group;         // between groups
    int64_t element;       // between two of Winograd's elements k; 6 of them between l
    int64_t bias_phase;
    int inputs, blocks;  // of one phase at full width; blocks of 16 as in the blob
    size_t bytes;        // of memory made for it; 0: the blob's own is used in place
};

// The layout in which a step's pipeline reads its filter on `target`. It is `none` for a collapsed tail, whose filter
// is made of two filters.
FilterLayout layout_of(const slimscale_compiled_target &target, const slimscale_step &step);

// The strides and the size in bytes of a filter in a layout. in_place: the device reads the memory of the blob, so a
// filter that is used as it lies there takes no bytes; otherwise weights and biases are copied.
PackedFilter shape_packed(const BlobFilter &filter, FilterLayout layout, bool in_place);

// The bytes of the weights, and of biases and slopes behind them if they are copied.
size_t weight_bytes(const BlobFilter &filter, const PackedFilter &packed);

// Brings one block of 16 output channels of one phase from the blob's `plain` into its place behind `phase_out`, which
// is zero at first. Blocks may be packed in any order and at the same time.
void pack_block(const BlobFilter &filter, const float *plain, const PackedFilter &packed, int block, float *phase_out);

}  // namespace slimscale::runtime
