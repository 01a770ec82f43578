// Compares any implementation with the goldens of one case.
#pragma once

#include "tests/catch.h"
#include "tests/golden/golden_files.h"

namespace slimscale::golden {

inline reference::Volume times(reference::Volume volume, double factor) {
    for (double &value : volume.data)
        value *= factor;
    return volume;
}

// Calls upscale(image) for the sample's image, with pixels as shares of white. `tolerance` is on the 0..255 scale.
template <typename Upscale>
void check_sample(const Sample &sample, double tolerance, Upscale &&upscale) {
    INFO(sample.name);
    const reference::Volume output = times(upscale(times(sample.input, 1.0 / 255)), 255);
    CHECK(reference::max_difference(output, sample.output) <= tolerance);
}

}  // namespace slimscale::golden
