// The caller's pixels into the loaded image's rows and back: affine per color, range and mean of the network, clamped
// and rounded (half up) for integers. Alpha goes its own way, bicubically.
#pragma once

#include "runtime/executor/image.h"

namespace slimscale::runtime {

// One row: `row` receives colors x width floats, interleaved.
void load_row(const slimscale_image &image, int y, const ColorTransform &transform, float *row);

// One row of the output from colors x width floats, interleaved. Leaves alpha alone.
void store_row(const slimscale_image &image, int y, const ColorTransform &transform, const float *row);

// Row y of the output's alpha: bicubic (a = -0.5, edges repeated) from the input's, clamped. Opaque stays opaque.
void upscale_alpha_row(const slimscale_image &input, const slimscale_image &output, int scale, int y);

}  // namespace slimscale::runtime
