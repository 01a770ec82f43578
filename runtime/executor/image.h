// The caller's images: what a format holds, what of one is refused, and how its colors become the network's numbers.
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

bool has_alpha(slimscale_format format);

// Of a known format: what one plane holds. Integers have one plane; PLANAR_F32 has one per color.
struct Samples {
    int per_pixel, bytes;
    float white;  // the value of white
};
Samples samples_of(slimscale_format format);

}  // namespace slimscale::runtime
