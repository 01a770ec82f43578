// How much of a wide 3x3 convolution on devices goes through memory at a time. Standard headers only: the runtime includes
// this file.
#pragma once

#include <cstddef>

namespace slimscale::schedules::gpu {

// Bytes that the intermediates of a chunk of rows may take, if that is more than one row of tiles. What a chunk writes is
// then still in the L2 cache of large GPUs when it is read (40 MB on an A100, 50 on an H100, 72 on an RTX 4090), and on
// others it is work enough for all multiprocessors: 910 tiles of 128 channels.
constexpr size_t kChunkBytes = size_t{32} << 20;

}  // namespace slimscale::schedules::gpu
