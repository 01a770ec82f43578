// Between gray, RGB and their forms with alpha; bits and metadata stay.
#pragma once

#include "runtime/cli/image.h"

namespace slimscale::cli {

Image without_alpha(const Image &image);
Image with_opaque_alpha(const Image &image);
Image gray_to_rgb(const Image &image);  // three equal colors; alpha stays
Image rgb_to_gray(const Image &image);  // luma of ITU-R BT.601; alpha stays

}  // namespace slimscale::cli
