// Pictures as networks take and give them, and back to 8 bits.
#pragma once

#include <cstddef>
#include <vector>

#include "extras/images/image.h"

namespace slimscale::quality {

// Floats on the scale 0..255, channel by channel: values[(c * height + y) * width + x]. Not rounded, not clamped.
struct Planes {
    int width = 0, height = 0, channels = 0;
    std::vector<float> values;

    size_t plane_size() const { return static_cast<size_t>(width) * static_cast<size_t>(height); }
    void allocate() { values.assign(plane_size() * static_cast<size_t>(channels), 0.0f); }
};

// Precondition: 8 bits, no alpha.
Planes to_planes(const images::Image &image);

// Rounds half up and clamps to 8 bits, as the library does; a NaN becomes black.
images::Image to_image(const Planes &planes);

}  // namespace slimscale::quality
