// Conversions between gray, RGB and their forms with alpha, which keep the bits; from 16 to 8 bits; borders. Metadata
// are kept unless a function says otherwise.
#pragma once

#include "extras/images/image.h"

namespace slimscale::images {

bool fully_opaque(const Image &image);  // true also without alpha

Image without_alpha(const Image &image);
Image with_opaque_alpha(const Image &image);
Image gray_to_rgb(const Image &image);                        // three equal colors; alpha stays
Image rgb_to_gray(const Image &image);                        // luma of ITU-R BT.601; alpha stays
Image with_replicated_edges(const Image &image, int border);  // `border` more pixels on each side; no metadata
Image without_edges(const Image &image, int border);          // `border` fewer pixels on each side; no metadata
Image to_8_bits(Image image);                                 // rounded

inline uint8_t to_8_bits(uint16_t sample) {
    return static_cast<uint8_t>((sample * 255u + 32767u) / 65535u);
}

}  // namespace slimscale::images
