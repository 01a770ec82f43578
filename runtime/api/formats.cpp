// The functions of the C API that describe formats. None of them needs a handle.
#include <strings.h>

#include <cstring>

#include "runtime/api/copy.h"
#include "runtime/frames/format.h"

using namespace slimscale::runtime;

namespace {

bool is_one_of(const char *words, const char *name) {
    const size_t length = std::strlen(name);
    for (const char *at = words; *at; at += std::strspn(at, " ")) {
        const size_t word = std::strcspn(at, " ");
        if (word == length && strncasecmp(at, name, word) == 0)
            return true;
        at += word;
    }
    return false;
}

slimscale_color_model model_of(ColorModel model) {
    switch (model) {
    case ColorModel::rgb:
        return SLIMSCALE_MODEL_RGB;
    case ColorModel::yuv:
        return SLIMSCALE_MODEL_YUV;
    case ColorModel::gray:
        return SLIMSCALE_MODEL_GRAY;
    case ColorModel::network:
        break;
    }
    return SLIMSCALE_MODEL_PLANAR;
}

// The shift of the colors' components; 0 if they differ.
int common_shift(const Format &format) {
    const int first = format.components[0].shift;
    for (int c = 1; c < kAlpha; c++)
        if (format.components[c].there && format.components[c].shift != first)
            return 0;
    return first;
}

}  // namespace

extern "C" {

const char *slimscale_format_name(slimscale_format format) {
    const Format *found = find_format(format);
    return found ? found->name : nullptr;
}

slimscale_status slimscale_parse_format(const char *name, slimscale_format *format) {
    if (!name || !format || !*name)
        return SLIMSCALE_INVALID_ARGUMENT;
    for (int i = 0;; i++) {
        const Format *candidate = find_format(static_cast<slimscale_format>(i));
        if (!candidate)
            return SLIMSCALE_INVALID_ARGUMENT;
        if (strcasecmp(candidate->name, name) != 0 && !is_one_of(candidate->others, name))
            continue;
        *format = static_cast<slimscale_format>(i);
        return SLIMSCALE_OK;
    }
}

slimscale_status slimscale_describe_format(slimscale_format format, slimscale_format_info *info) {
    const Format *found = find_format(format);
    if (!found || !info || !has_size(*info))
        return SLIMSCALE_INVALID_ARGUMENT;
    const int bytes = bytes_of(found->word), bits = found->components[0].bits;
    const bool floats = is_float(found->word);
    copy_out(info, {sizeof(slimscale_format_info), model_of(found->model), found->planes, floats ? 8 * bytes : bits,
                    common_shift(*found), bytes, floats, found->has_alpha(), found->sub_x, found->sub_y});
    return SLIMSCALE_OK;
}

slimscale_status slimscale_plane_size(slimscale_format format, int width, int height, int plane, size_t *bytes_per_row,
                                      int *rows) {
    const Format *found = find_format(format);
    if (!found || width < 1 || height < 1 || plane < 0 || plane >= found->planes || !bytes_per_row || !rows)
        return SLIMSCALE_INVALID_ARGUMENT;
    const PlaneSize size = plane_size(*found, width, height, plane);
    *bytes_per_row = static_cast<size_t>(size.row_bytes);
    *rows = size.rows;
    return SLIMSCALE_OK;
}

}  // extern "C"
