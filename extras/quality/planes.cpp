#include "extras/quality/planes.h"

#include <algorithm>

namespace slimscale::quality {
namespace {

constexpr float kWhite = 255;

// A NaN is not greater than 0 and becomes 0.
uint8_t rounded(float value) {
    return static_cast<uint8_t>(value > 0 ? std::min(value, kWhite) + 0.5f : 0.0f);
}

}  // namespace

Planes to_planes(const images::Image &image) {
    Planes planes{image.width, image.height, image.channels, {}};
    planes.allocate();
    const size_t size = planes.plane_size(), channels = static_cast<size_t>(image.channels);
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < size; i++)
            planes.values[c * size + i] = static_cast<float>(image.samples[i * channels + c]);
    return planes;
}

images::Image to_image(const Planes &planes) {
    images::Image image{planes.width, planes.height, planes.channels, 8, {}, {}};
    image.allocate();
    const size_t size = planes.plane_size(), channels = static_cast<size_t>(planes.channels);
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < size; i++)
            image.samples[i * channels + c] = rounded(planes.values[c * size + i]);
    return image;
}

}  // namespace slimscale::quality
