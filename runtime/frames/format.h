// The contents of a format (formats.inc): where the samples of each color lie, and how large planes are.
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
    int first = 0, step = 1;  // words of the plane's row
    int shift = 0, bits = 0;  // of the word; no bits in floats

    // The code of white; of floats 1.
    float white() const { return bits ? static_cast<float>((1u << bits) - 1) : 1.0f; }
};

constexpr int kAlpha = 3;  // index of the component

struct Format {
    const char *name, *others;  // others: of other programs, separated by spaces
    ColorModel model;
    Word word;
    int planes;        // at most; of ColorModel::network as many as the network has colors
    int sub_x, sub_y;  // luma pixels for a sample of components 1 and 2
    Component components[4];
    bool padded;  // the last component is padding instead of alpha: ignored in inputs, opaque in outputs

    bool has_alpha() const { return components[kAlpha].there && !padded; }
    bool subsampled() const { return sub_x > 1 || sub_y > 1; }
};

// Null for values that are no format.
const Format *find_format(slimscale_format format);

// Of a known format.
inline const Format &format_of(slimscale_format format) {
    return *find_format(format);
}

inline int plane_count(const Format &format, int colors) {
    return format.model == ColorModel::network ? colors : format.planes;
}

// 3, or 1 for gray; `colors` are the network's.
inline int color_count(const Format &format, int colors) {
    return format.model == ColorModel::network ? colors : format.model == ColorModel::gray ? 1 : 3;
}

// Samples of component c in so many pixels, along an axis on which chroma samples lie `sub` pixels apart.
constexpr int samples_of(int pixels, int sub, int c) {
    return c == 1 || c == 2 ? pixels / sub + (pixels % sub != 0) : pixels;
}

struct PlaneSize {
    ptrdiff_t row_bytes;  // without padding
    int rows;
};
PlaneSize plane_size(const Format &format, int width, int height, int plane);

// The bits of a word that hold a component.
constexpr uint32_t mask_of(const Component &c) {
    return c.bits >= 32 ? ~0u : (1u << c.bits) - 1;
}

}  // namespace slimscale::runtime
