// The caller's pixels into the loaded image's rows and back: affine per color, range and mean of the network, clamped
// and rounded (half up) for integers. Alpha goes its own way, bicubically.
#pragma once

#include "runtime/platform/error.h"
#include "slimscale/slimscale.h"

namespace slimscale::runtime {

struct ColorTransform {
    int colors;     // of the network: 3 or 1
    float range;    // white inside the network
    float mean[3];  // in units of range
};

int format_colors(slimscale_format format, int planar_colors);

// Null planes, sizes, strides too short, pointers off their sample's alignment. `what` is "input" or "output".
slimscale_status check_image(const slimscale_image &image, int colors, const char *what, Error &error);

// One row: `row` receives colors x width floats, interleaved.
void load_row(const slimscale_image &image, int y, const ColorTransform &transform, float *row);

// One row of the output from colors x width floats, interleaved. Leaves alpha alone.
void store_row(const slimscale_image &image, int y, const ColorTransform &transform, const float *row);

bool has_alpha(slimscale_format format);

// Of a known format: what one plane holds. Integers have one plane; PLANAR_F32 has one per color.
struct Samples {
    int per_pixel, bytes;
    float white;  // the value of white
};
Samples samples_of(slimscale_format format);

// Row y of the output's alpha: bicubic (a = -0.5, edges repeated) from the input's, clamped. Opaque stays opaque.
void upscale_alpha_row(const slimscale_image &input, const slimscale_image &output, int scale, int y);

}  // namespace slimscale::runtime
