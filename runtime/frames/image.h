// The caller's images: what of one is refused, and what it leaves to the usual defaults.
#pragma once

#include "runtime/frames/format.h"
#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Unknown formats and colors, formats that a network of so many colors does not take, null planes, sizes, strides too
// short, pointers off their words. `what` is "input" or "output".
slimscale_status check_image(const slimscale_image &image, int colors, const char *what, Error &error);

// With matrix, range and siting named. An output takes from the input what it leaves open, where both have it.
slimscale_image with_colors(const slimscale_image &input);
slimscale_image with_colors(const slimscale_image &output, const slimscale_image &resolved_input);

// Row y of a plane.
inline unsigned char *row_of(const slimscale_image &image, int plane, int y) {
    return static_cast<unsigned char *>(image.planes[plane]) + y * image.strides[plane];
}

}  // namespace slimscale::runtime
