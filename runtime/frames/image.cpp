#include "runtime/frames/image.h"

#include <cstdint>

namespace slimscale::runtime {

namespace {

// Whether frames of this size are usually taken for high definition.
bool is_high_definition(const slimscale_image &image) {
    return image.width >= 1280 || image.height > 576;
}

slimscale_status check_colors(const slimscale_image &image, const char *what, Error &error) {
    const auto within = [&](int value, int most, const char *field) {
        if (value >= 0 && value <= most)
            return true;
        error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s's %s is %d, which is no slimscale_%s; use 0 for the default",
                  what, field, value, field);
        return false;
    };
    const bool sound = within(static_cast<int>(image.matrix), SLIMSCALE_MATRIX_BT2020, "matrix") &&
                       within(static_cast<int>(image.range), SLIMSCALE_RANGE_LIMITED, "range") &&
                       within(static_cast<int>(image.siting), SLIMSCALE_SITING_TOP_LEFT, "siting");
    return sound ? SLIMSCALE_OK : error.status;
}

slimscale_status check_plane(const slimscale_image &image, const Format &format, int p, const char *what,
                             Error &error) {
    const PlaneSize size = plane_size(format, image.width, image.height, p);
    const int word = bytes_of(format.word);
    if (!image.planes[p])
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "plane %d of the %s is null", p, what);
    if (size.rows > 1 && image.strides[p] < size.row_bytes && image.strides[p] > -size.row_bytes)
        return error.set(SLIMSCALE_INVALID_ARGUMENT,
                         "plane %d of the %s has a stride of %td bytes, shorter than its rows of %td", p, what,
                         image.strides[p], size.row_bytes);
    if (reinterpret_cast<uintptr_t>(image.planes[p]) % static_cast<uintptr_t>(word) != 0 ||
        (size.rows > 1 && image.strides[p] % word != 0))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "plane %d of the %s is not aligned to its samples of %d bytes", p,
                         what, word);
    return SLIMSCALE_OK;
}

}  // namespace

slimscale_status check_image(const slimscale_image &image, int colors, const char *what, Error &error) {
    const Format *format = find_format(image.format);
    if (!format)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s's format %d is unknown; use a slimscale_format", what,
                         static_cast<int>(image.format));
    if (color_count(*format, colors) < colors)
        return error.set(SLIMSCALE_INVALID_ARGUMENT,
                         "the %s is gray and this network takes colors; use an RGB or YUV format", what);
    if (image.width < 1 || image.height < 1)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s is %d x %d pixels; both must be at least 1", what,
                         image.width, image.height);
    if (check_colors(image, what, error) != SLIMSCALE_OK)
        return error.status;
    for (int p = 0; p < plane_count(*format, colors); p++)
        if (check_plane(image, *format, p, what, error) != SLIMSCALE_OK)
            return error.status;
    return SLIMSCALE_OK;
}

slimscale_image with_colors(const slimscale_image &image) {
    slimscale_image named = image;
    const bool yuv = format_of(image.format).model == ColorModel::yuv;
    if (!named.matrix)
        named.matrix = yuv && is_high_definition(image) ? SLIMSCALE_MATRIX_BT709 : SLIMSCALE_MATRIX_BT601;
    if (!named.range)
        named.range = yuv ? SLIMSCALE_RANGE_LIMITED : SLIMSCALE_RANGE_FULL;
    if (!named.siting)
        named.siting = SLIMSCALE_SITING_LEFT;
    return named;
}

slimscale_image with_colors(const slimscale_image &output, const slimscale_image &input) {
    slimscale_image named = output;
    const Format &from = format_of(input.format), &to = format_of(output.format);
    if (from.model == ColorModel::yuv && to.model == ColorModel::yuv) {
        named.matrix = named.matrix ? named.matrix : input.matrix;
        named.range = named.range ? named.range : input.range;
    }
    if (from.subsampled() && to.subsampled() && !named.siting)
        named.siting = input.siting;
    return with_colors(named);
}

}  // namespace slimscale::runtime
