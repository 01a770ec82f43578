#include "runtime/executor/image.h"

#include <cstdint>
#include <cstdlib>

namespace slimscale::runtime {

namespace {

struct Format {
    int samples;  // per pixel in a plane
    int bytes;    // per sample
    int colors;   // 0: as many planes as the network has colors
    bool alpha;
};

constexpr Format kFormats[] = {
    {3, 1, 3, false},  // RGB8
    {4, 1, 3, true},   // RGBA8
    {3, 2, 3, false},  // RGB16
    {4, 2, 3, true},   // RGBA16
    {1, 4, 0, false},  // PLANAR_F32
    {1, 1, 1, false},  // GRAY8
    {1, 2, 1, false},  // GRAY16
    {2, 1, 1, true},   // GRAYA8
    {2, 2, 1, true},   // GRAYA16
};

bool known(slimscale_format f) {
    return f >= SLIMSCALE_RGB8 && f <= SLIMSCALE_GRAYA16;
}

}  // namespace

int format_colors(slimscale_format format, int planar_colors) {
    if (!known(format))
        return 0;
    return kFormats[format].colors ? kFormats[format].colors : planar_colors;
}

bool has_alpha(slimscale_format format) {
    return known(format) && kFormats[format].alpha;
}

Samples samples_of(slimscale_format format) {
    const Format &f = kFormats[format];
    return {f.samples, f.bytes, f.bytes == 1 ? 255.0f : f.bytes == 2 ? 65535.0f : 1.0f};
}

slimscale_status check_image(const slimscale_image &image, int colors, const char *what, Error &error) {
    if (!known(image.format))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s's format %d is unknown; use a slimscale_format", what,
                         static_cast<int>(image.format));
    if (format_colors(image.format, colors) != colors)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s has %d colors and this network takes %d; use %s", what,
                         format_colors(image.format, colors), colors, colors == 1 ? "a GRAY format" : "an RGB format");
    if (image.width < 1 || image.height < 1)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s is %d x %d pixels; both must be at least 1", what,
                         image.width, image.height);
    const Format &f = kFormats[image.format];
    const int planes = image.format == SLIMSCALE_PLANAR_F32 ? colors : 1;
    const ptrdiff_t row_bytes = static_cast<ptrdiff_t>(image.width) * f.samples * f.bytes;
    for (int p = 0; p < planes; p++) {
        if (!image.planes[p])
            return error.set(SLIMSCALE_INVALID_ARGUMENT, "plane %d of the %s is null", p, what);
        if (image.height > 1 && image.strides[p] < row_bytes && image.strides[p] > -row_bytes)
            return error.set(SLIMSCALE_INVALID_ARGUMENT,
                             "plane %d of the %s has a stride of %td bytes, shorter than its rows of %td", p, what,
                             image.strides[p], row_bytes);
        if (reinterpret_cast<uintptr_t>(image.planes[p]) % static_cast<uintptr_t>(f.bytes) != 0 ||
            image.strides[p] % f.bytes != 0)
            return error.set(SLIMSCALE_INVALID_ARGUMENT, "plane %d of the %s is not aligned to its samples of %d bytes",
                             p, what, f.bytes);
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
