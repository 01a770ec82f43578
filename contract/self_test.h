// The self-test's picture, and what is stored of a network's output for it: the packer computes the numbers by plain
// loops and puts them into the packed weights (blob_format.h), the runtime compares with what a target computes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "contract/blob_format.h"

namespace slimscale::contract {

// For this size tiles and vectors are not full, and there are several rows of tiles.
constexpr int kSelfTestWidth = 37, kSelfTestHeight = 18;

// A pixel of the picture, a share of white: ramps, edges and a texture, with values of 0.1 to 0.9.
inline float self_test_pixel(int x, int y, int color) {
    const uint32_t texture = static_cast<uint32_t>(x + 64 * y + 4096 * color) * 2654435761u >> 24;
    const int ramp = x + y + 5 * color, edge = (x / 6 + y / 5) % 2;
    return 0.1f + 0.4f * static_cast<float>(ramp) / (kSelfTestWidth + kSelfTestHeight + 15) +
           0.25f * static_cast<float>(edge) + 0.15f * static_cast<float>(texture) / 255;
}

// How many numbers are stored of an output.
constexpr size_t self_test_count(int scale, int colors) {
    return 2 * static_cast<size_t>(kSelfTestHeight) * static_cast<size_t>(scale) * static_cast<size_t>(colors);
}
constexpr size_t kMostSelfTestNumbers = self_test_count(kMaxScale, 3);

// Of each row of the output, a plane after the other: its mean, which any pixel changes, and one pixel, at another
// place in each row, which tells pixels that have changed places. `output` has the planes' rows without gaps, in shares
// of white.
template <typename Sample>
void self_test_numbers(const Sample *output, int scale, int colors, float *numbers) {
    const int width = kSelfTestWidth * scale, rows = kSelfTestHeight * scale * colors;
    for (int row = 0; row < rows; row++, output += width) {
        double sum = 0;
        for (int x = 0; x < width; x++)
            sum += static_cast<double>(output[x]);
        *numbers++ = static_cast<float>(sum / width);
        *numbers++ = static_cast<float>(output[29 * row % width]);
    }
}

}  // namespace slimscale::contract
