// The layouts that pipelines, the executor and the weights agree on; these constants are defined nowhere else. Nothing
// here depends on how a block is scheduled: such numbers are in schedules/.
#pragma once

#include <cstddef>

namespace slimscale::contract {

// ---- Packed filters ------------------------------------------------------------------------------------------------

constexpr int kFilterBlock = 16;        // output channels side by side, in the weights and in most packed filters
constexpr int kDeviceFilterBlock = 32;  // likewise in 3x3 filters on devices: 8 threads' loads of 16 bytes make a line
constexpr int kPair = 2;  // q16, bf16: input channels side by side, multiplied and added by one instruction
// bf16: the filter of a convolution in AMX tiles is rows of kFilterBlock pairs. Row 16 * (tap + taps * chunk) + i of a
// block of output channels holds the input channels 2 * i and 2 * i + 1 of a chunk (1x1: of all segments), for tap =
// kx + 3 * ky of 9, or 0 of 1; beyond the last channel are zeros. A narrower width reads the leading rows.
constexpr int kTileInputs = 32;                       // input channels of a chunk
constexpr int kTileFilterRows = kTileInputs / kPair;  // rows of a chunk and tap
// int8: the same with rows of kFilterBlock quads of bytes. Row 16 * (tap + 9 * chunk) + i of a block of output channels
// holds the input channels 4 * i to 4 * i + 3 of a chunk.
constexpr int kQuad = 4;                             // input channels side by side
constexpr int kTileBytes = kTileFilterRows * kQuad;  // input channels of a chunk

// ---- Tensors of activations ----------------------------------------------------------------------------------------

constexpr int kTile = 4;              // rows and columns of a tile: CPUs' pipelines compute whole tiles
constexpr int kReadableColumns = 32;  // readable columns right of the last whole tile; their values are not used
constexpr int kTailColumns = 8;       // the same for a tail's input, since tails are also called on single columns
constexpr int kZeroColumns = 2;       // zero columns right of the last whole tile, which a collapsed tail reads
constexpr int kDeviceVector = 4;      // devices: buffers, rows and pixels begin at multiples of so many values

// ---- Winograd's F(4x4, 3x3) ----------------------------------------------------------------------------------------
// A tile of 4x4 outputs is computed from alpha x alpha inputs, alpha = 4 + 3 - 1, which are transformed into as many
// Winograd-domain elements (k, l): k along x, l along y, element k + alpha * l of the 36.

constexpr int kAlpha = 6;                   // Winograd-domain elements of a tile along an axis
constexpr int kElements = kAlpha * kAlpha;  // of a tile
constexpr int kTilesTogether = 8;           // devices: the product takes tiles in multiples of so many

// Devices: the most bytes that the intermediates of a chunk (rows of tiles) take, unless a single row takes more. What
// a chunk writes is then still in the L2 cache of large GPUs when it is read (40 MB on an A100, 50 on an H100, 72 on an
// RTX 4090), and on other GPUs a chunk is work enough for all multiprocessors: 910 tiles of 128 channels.
constexpr std::size_t kChunkBytes = std::size_t{32} << 20;

// The number of blocks of `block` channels that hold `channels`.
constexpr int filter_blocks(int channels, int block = kFilterBlock) {
    return (channels + block - 1) / block;
}

}  // namespace slimscale::contract
