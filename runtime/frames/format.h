// What a format is (formats.inc): where the samples of each component lie, and how large the planes are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "slimscale/slimscale.h"

namespace slimscale::runtime {

enum class ColorModel : uint8_t { network, gray, rgb, yuv };

enum class Word : uint8_t { u8, u16, u32, f16, f32 };

constexpr int bytes_of(Word word) {
    constexpr int kBytes[] = {1, 2, 4, 2, 4};
    return kBytes[static_cast<int>(word)];
}
constexpr bool is_float(Word word) {
    return word == Word::f16 || word == Word::f32;
}

struct Component {
    bool there = false;
    int plane = 0;
    int first = 0, step = 1;  // the first sample in a row of the plane, and the distance to the next, in words
    int shift = 0, bits = 0;  // the lowest bit in the word, and how many there are; floats have 0

    // The code of white; 1 in formats of floats.
    float white() const { return bits ? static_cast<float>((1u << bits) - 1) : 1.0f; }
};

constexpr int kAlpha = 3;  // index of the component

struct Format {
    const char *name, *others;  // others: names in other programs, separated by spaces
    ColorModel model;
    Word word;
    int planes;        // ColorModel::network: at most, see plane_count()
    int sub_x, sub_y;  // luma pixels for a sample of components 1 and 2
    Component components[4];
    bool padded;  // the last component is padding instead of alpha: ignored in inputs, opaque in outputs

    bool has_alpha() const { return components[kAlpha].there && !padded; }
    bool subsampled() const { return sub_x > 1 || sub_y > 1; }
};

// Null for values that are no format.
const Format *find_format(slimscale_format format);

// Precondition: the value is a format.
inline const Format &format_of(slimscale_format format) {
    return *find_format(format);
}

// ColorModel::network has a plane for each of the network's `colors`.
inline int plane_count(const Format &format, int colors) {
    return format.model == ColorModel::network ? colors : format.planes;
}

// The number of colors: 3, or 1 for gray. ColorModel::network has the network's `colors`.
inline int color_count(const Format &format, int colors) {
    return format.model == ColorModel::network ? colors : format.model == ColorModel::gray ? 1 : 3;
}

// The number of samples of component c in so many pixels along an axis on which chroma samples lie `sub` pixels apart.
constexpr int samples_of(int pixels, int sub, int c) {
    return c == 1 || c == 2 ? pixels / sub + (pixels % sub != 0) : pixels;
}

struct PlaneSize {
    ptrdiff_t row_bytes;  // without padding
    int rows;
};
// Of an image of width x height pixels.
PlaneSize plane_size(const Format &format, int width, int height, int plane);

// As many low bits as the component has: its mask after a shift to the right by `shift`.
constexpr uint32_t mask_of(const Component &c) {
    return c.bits >= 32 ? ~0u : (1u << c.bits) - 1;
}

}  // namespace slimscale::runtime
