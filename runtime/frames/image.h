// The caller's images: which are refused, and the defaults of what they leave open.
#pragma once

#include "runtime/frames/format.h"
#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Refuses unknown formats and colors, formats that a network of so many colors does not take, null planes, wrong sizes,
// strides that are too short, and pointers that are not aligned to words. `what` is "input" or "output".
slimscale_status check_image(const slimscale_image &image, int colors, const char *what, Error &error);

// The image with matrix, range and siting set. What an output leaves open is taken from the input, if that has it.
slimscale_image with_colors(const slimscale_image &input);
slimscale_image with_colors(const slimscale_image &output, const slimscale_image &resolved_input);

// Row y of a plane.
inline unsigned char *row_of(const slimscale_image &image, int plane, int y) {
    return static_cast<unsigned char *>(image.planes[plane]) + y * image.strides[plane];
}

}  // namespace slimscale::runtime
