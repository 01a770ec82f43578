#include "runtime/frames/format.h"

#include <algorithm>

namespace slimscale::runtime {

namespace {

constexpr Component component(int plane, int first, int step, int shift, int bits) {
    return {true, plane, first, step, shift, bits};
}

// The last entry of a row: alpha, padding or none.
struct Fourth {
    Component component;
    bool padded;
};

#define IN(...) component(__VA_ARGS__)
#define ALPHA(...) (Fourth{component(__VA_ARGS__), false})
#define PAD(...) (Fourth{component(__VA_ARGS__), true})
#define NONE (Fourth{{}, false})

constexpr Component plain(const Component &c) {
    return c;
}
constexpr Component plain(const Fourth &f) {
    return f.component;
}

constexpr Format kFormats[] = {
#define SLIMSCALE_FORMAT(enumerator, name, others, model, word, planes, sub_x, sub_y, c0, c1, c2, alpha) \
    {name,                                                                                               \
     others,                                                                                             \
     ColorModel::model,                                                                                  \
     Word::word,                                                                                         \
     planes,                                                                                             \
     sub_x,                                                                                              \
     sub_y,                                                                                              \
     {plain(c0), plain(c1), plain(c2), plain(alpha)},                                                    \
     (alpha).padded},
#include "runtime/frames/formats.inc"
};

// The enumerators are the places of the rows.
enum Place {
#define SLIMSCALE_FORMAT(enumerator, ...) k##enumerator,
#include "runtime/frames/formats.inc"
    kFormatCount
};
#define SLIMSCALE_FORMAT(enumerator, ...) \
    static_assert(static_cast<int>(k##enumerator) == static_cast<int>(SLIMSCALE_##enumerator), #enumerator);
#include "runtime/frames/formats.inc"

#undef IN
#undef ALPHA
#undef PAD
#undef NONE

}  // namespace

const Format *find_format(slimscale_format format) {
    return static_cast<unsigned>(format) < kFormatCount ? &kFormats[format] : nullptr;
}

PlaneSize plane_size(const Format &format, int width, int height, int plane) {
    PlaneSize size{0, 0};
    for (int c = 0; c < 4; c++) {
        const Component &component = format.components[c];
        if (!component.there || component.plane != plane)
            continue;
        const ptrdiff_t samples = samples_of(width, format.sub_x, c);
        size.row_bytes = std::max(size.row_bytes, samples * component.step * bytes_of(format.word));
        size.rows = std::max(size.rows, samples_of(height, format.sub_y, c));
    }
    return size;
}

}  // namespace slimscale::runtime
