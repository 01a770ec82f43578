#include "extras/images/channels.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace slimscale::images {
namespace {

// Calls convert(from, to) for each pixel, with pointers to its first samples.
template <class Sample, class Convert>
void convert_pixels(const Image &image, Image &converted, Convert convert) {
    const Sample *from = image.samples_as<Sample>();
    Sample *to = converted.samples_as<Sample>();
    for (size_t i = 0; i < image.pixels(); i++)
        convert(from + i * image.channels, to + i * converted.channels);
}

// Converts every pixel to `channels` samples of the same bits: `convert` is called with pointers to uint8_t or
// uint16_t.
template <class Convert>
Image converted_to(const Image &image, int channels, Convert convert) {
    Image converted{image.width, image.height, channels, image.bits, {}, image.metadata};
    converted.allocate();
    if (image.bits == 8)
        convert_pixels<uint8_t>(image, converted, convert);
    else
        convert_pixels<uint16_t>(image, converted, convert);
    return converted;
}

template <class Sample>
constexpr Sample kOpaque = std::numeric_limits<Sample>::max();

// 0.299 R + 0.587 G + 0.114 B with 16 fractional bits. The weights sum to 1, so that gray stays as it is.
template <class Sample>
Sample luma(const Sample *rgb) {
    return static_cast<Sample>((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16);
}

template <class Sample>
bool opaque(const Image &image) {
    const Sample *alpha = image.samples_as<Sample>() + image.colors();
    for (size_t i = 0; i < image.pixels(); i++)
        if (alpha[i * image.channels] != std::numeric_limits<Sample>::max())
            return false;
    return true;
}

}  // namespace

bool fully_opaque(const Image &image) {
    if (!image.has_alpha())
        return true;
    return image.bits == 8 ? opaque<uint8_t>(image) : opaque<uint16_t>(image);
}

Image without_alpha(const Image &image) {
    const int colors = image.colors();
    return converted_to(image, colors, [=](const auto *from, auto *to) { std::copy_n(from, colors, to); });
}

Image with_opaque_alpha(const Image &image) {
    const int colors = image.colors();
    return converted_to(image, colors + 1, [=](const auto *from, auto *to) {
        std::copy_n(from, colors, to);
        to[colors] = kOpaque<std::remove_pointer_t<decltype(to)>>;
    });
}

Image gray_to_rgb(const Image &image) {
    const bool alpha = image.has_alpha();
    return converted_to(image, alpha ? 4 : 3, [=](const auto *from, auto *to) {
        to[0] = to[1] = to[2] = from[0];
        if (alpha)
            to[3] = from[1];
    });
}

Image rgb_to_gray(const Image &image) {
    const bool alpha = image.has_alpha();
    return converted_to(image, alpha ? 2 : 1, [=](const auto *from, auto *to) {
        to[0] = luma(from);
        if (alpha)
            to[1] = from[3];
    });
}

Image with_replicated_edges(const Image &image, int border) {
    Image wide{image.width + 2 * border, image.height + 2 * border, image.channels, image.bits, {}, {}};
    wide.allocate();
    const size_t pixel = static_cast<size_t>(image.channels) * (image.bits / 8);
    for (int y = 0; y < wide.height; y++) {
        const uint8_t *from = image.samples.data() + std::clamp(y - border, 0, image.height - 1) * image.row_bytes();
        uint8_t *to = wide.samples.data() + y * wide.row_bytes();
        for (int x = 0; x < border; x++) {
            std::copy_n(from, pixel, to + x * pixel);
            std::copy_n(from + (image.width - 1) * pixel, pixel, to + (wide.width - 1 - x) * pixel);
        }
        std::copy_n(from, image.row_bytes(), to + border * pixel);
    }
    return wide;
}

Image without_edges(const Image &image, int border) {
    Image inner{image.width - 2 * border, image.height - 2 * border, image.channels, image.bits, {}, {}};
    inner.allocate();
    const size_t pixel = static_cast<size_t>(image.channels) * (image.bits / 8);
    for (int y = 0; y < inner.height; y++)
        std::copy_n(image.samples.data() + (y + border) * image.row_bytes() + border * pixel, inner.row_bytes(),
                    inner.samples.data() + y * inner.row_bytes());
    return inner;
}

Image to_8_bits(Image image) {
    if (image.bits == 8)
        return image;
    const size_t count = image.samples.size() / 2;
    for (size_t i = 0; i < count; i++)  // in place: sample i is written after it was read
        image.samples[i] = to_8_bits(image.samples_as<uint16_t>()[i]);
    image.samples.resize(count);
    image.bits = 8;
    return image;
}

}  // namespace slimscale::images
