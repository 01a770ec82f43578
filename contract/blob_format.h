// The packed weights ("blob"): what weights/pack writes and the runtime opens. All numbers are little-endian. The
// runtime uses the blob in place, from memory, a mapped file or the model archive, so the ranges and the data of each
// filter begin at multiples of 64 bytes; the tables before them follow each other without gaps.
//
//     BlobHeader | BlobFilter x filter_count | trained widths (uint32 x trained_count) |
//     calibrated widths (uint32 x q16_count) | self-test widths (uint32 x self_test_count) |
//     self-test numbers (float [self_test_count][contract::self_test_count(scale, colors)]) |
//     ranges (float [q16_count][filter_count][36]) | int8's widths (uint32 x int8_count) |
//     int8's ranges (float [int8_count][filter_count][2]) | filter data ...
//
// A filter is stored with the residual scaling multiplied in, not transformed, in blocks of 16 output channels:
//     weights  float [phase][ceil(outputs/16)][inputs][ky][kx][16]     zero where the last block has no channel
//     bias     float [phase][round_up(outputs, 16)]
//     slope    float [round_up(outputs, 16)], directly behind the bias, of filters with a PReLU, which have one phase
// `phase` runs over the shuffle phases dy*s + dx of an upsampler (PyTorch's pixel_shuffle takes input channel
// c*s*s + dy*s + dx); other filters have one phase. `inputs` counts one group's input channels; group g owns the output
// blocks [g*outputs/groups/16, (g+1)*outputs/groups/16). A narrower width reads, in place, the leading inputs of each
// block and the leading blocks or, of a grouped convolution, the leading groups.
//
// The ranges are what the fixed-point data type q16 scales by. A 3x3 filter has 36 of them per width: the largest |V|
// to expect at each Winograd-domain element (index k + 6*l: k along x, l along y) of its transformed inputs. A 1x1
// filter has the largest magnitude of its inputs, followed by 35 zeros. All 36 are zero for filters without ranges:
// heads, tails and the 1x1 filters of channel attention.
//
// int8's ranges are the least and the largest value that an input of a 3x3 filter is rounded to a byte from, at most
// and at least 0; both are zero for filters without ranges.
//
// The self-test's numbers are what the network computes at a width for a built-in picture (contract/self_test.h), by
// plain loops when the file was packed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "contract/layout.h"

namespace slimscale {

constexpr char kBlobMagic[8] = {'S', 'L', 'I', 'M', 'B', 'L', 'O', 'B'};
constexpr uint32_t kBlobVersion = 3;
using contract::kFilterBlock;
constexpr uint64_t kBlobAlignment = 64;
constexpr int kMaxScale = 4;                       // output pixels per input pixel along an axis, of any network
constexpr int kQ16Elements = contract::kElements;  // ranges of one filter at one width

constexpr int kInt8Limits = 2;  // ranges of bytes of one filter at one width: the least value and the largest

// The number of ranges that a filter with ranges uses: the first ones of its 36.
constexpr int q16_ranges_of(uint32_t kernel) {
    return kernel == 3 ? kQ16Elements : 1;
}

struct BlobHeader {
    char magic[8];
    uint32_t version;
    uint32_t crc32;        // IEEE 802.3, over everything from `total_bytes` on
    uint64_t total_bytes;  // of the blob
    char network[48];      // "carn_m", zero-terminated
    uint32_t scale;        // 1 to kMaxScale
    uint32_t colors;
    uint32_t channels;  // at width 1.0
    uint32_t filter_count;
    uint32_t trained_count;    // widths, as channel counts, that the file was trained at
    uint32_t segment_slicing;  // 0: concatenations sliced by their leading channels, 1: per segment
    float range;               // what the network calls white: 255 (EDSR, RCAN) or 1 (CARN)
    float mean[3];             // subtracted from the input and added to the output, as shares of `range`
    uint64_t filters_offset;   // bytes from the start of the blob, as all offsets
    uint64_t trained_offset;
    uint32_t q16_count;   // widths, as channel counts, that ranges were measured at; 0: uncalibrated
    uint32_t input_skip;  // 1: the network adds its enlarged input to the output
    uint64_t q16_widths_offset;
    uint64_t q16_ranges_offset;  // a multiple of kBlobAlignment
    uint32_t self_test_count;    // widths, as channel counts, that numbers for the self-test are there for
    uint32_t int8_count;         // widths that ranges of bytes were measured at; 0 in files of early versions, too
    uint64_t self_test_widths_offset;
    uint64_t self_test_offset;
};

struct BlobFilter {
    uint32_t inputs, outputs;  // full width: input channels of one group, output channels of one phase (all groups)
    uint32_t kernel;           // 1 or 3
    uint32_t phases;           // 1, 4, 9 or 16
    uint32_t groups;           // at full width
    uint32_t prelu;            // 1: slopes follow the bias
    uint64_t weights_offset;   // multiples of kBlobAlignment
    uint64_t bias_offset;
};

static_assert(sizeof(BlobFilter) == 40 && sizeof(BlobHeader) % 8 == 0, "no padding between fields");

}  // namespace slimscale
