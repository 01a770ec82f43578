#include "runtime/gpu/pixels.h"

#include <algorithm>

namespace slimscale::runtime::gpu {

namespace {

using contract::Arg;

// Sets the argument `place` places behind `first`.
template <typename T>
void set(contract::Call &arguments, Arg first, int place, T value) {
    contract::fill(arguments, static_cast<Arg>(static_cast<int>(first) + place), 0, value);
}

void set_axis(contract::Call &arguments, Arg out, const Resampling &r) {
    set<int32_t>(arguments, out, 0, r.out_period);
    set<int32_t>(arguments, out, 1, r.in_period);
    set<float>(arguments, out, 2, r.at);
}

constexpr Resampling kEverySample;

}  // namespace

Words words_of(const slimscale_image &image, int c, int first, int count) {
    const Format &format = format_of(image.format);
    const Component &component = format.components[c];
    const int bytes = bytes_of(format.word);
    const ptrdiff_t stride = count > 1 ? image.strides[component.plane] : 0;
    return {row_of(image, component.plane, first) + component.first * bytes,
            halide_type_t(halide_type_uint, static_cast<uint8_t>(8 * bytes)),
            {0, samples_of(image.width, format.sub_x, c), component.step},
            {0, count, stride / bytes}};
}

LoadCall load_call(const Loading &l) {
    LoadCall call{};
    const bool chroma = l.codes > 1 && l.format->subsampled();
    for (int j = 0; j < 3; j++)
        call.components[j] = j < l.codes ? j : 0;
    for (int n = 0; n < l.numbers; n++) {
        for (int j = 0; j < 3; j++)
            call.weights[n][j] = !l.direct ? l.by_code[n][j] : n == j ? l.gain : 0;
        call.shifts[n] = l.direct ? -l.shift[n] : l.offset[n];
    }
    call.columns = chroma ? l.columns : kEverySample;
    call.rows = chroma ? l.rows : kEverySample;
    call.width = samples_of(l.image.width, chroma ? l.format->sub_x : 1, 1);
    call.height = samples_of(l.image.height, chroma ? l.format->sub_y : 1, 1);
    return call;
}

LoadCall code_call(const slimscale_image &image, int c) {
    const Format &format = format_of(image.format);
    LoadCall call{{c, c, c}, {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}, {0, 0, 0}, kEverySample, kEverySample, 0, 0};
    call.width = samples_of(image.width, format.sub_x, c);
    call.height = samples_of(image.height, format.sub_y, c);
    return call;
}

void set_arguments(const LoadCall &call, const slimscale_image &image, contract::Call &arguments) {
    const Format &format = format_of(image.format);
    for (int j = 0; j < 3; j++) {
        set<int32_t>(arguments, Arg::place0, j, format.components[call.components[j]].shift);
        set<float>(arguments, Arg::shift0, j, call.shifts[j]);
        for (int n = 0; n < 3; n++)
            set<float>(arguments, Arg::weight0, 3 * n + j, call.weights[n][j]);
    }
    arguments.mask = static_cast<int32_t>(mask_of(format.components[call.components[0]]));
    arguments.floats = is_float(format.word);
    arguments.width = call.width;
    arguments.height = call.height;
    set_axis(arguments, Arg::columns_out, call.columns);
    set_axis(arguments, Arg::rows_out, call.rows);
}

StoreCall store_call(const Storing &s, bool chroma) {
    StoreCall call{};
    call.chroma = chroma;
    call.alpha = s.format->components[kAlpha].there;
    const int first = chroma ? 1 : 0, last = s.format->subsampled() && !chroma ? 0 : s.codes - 1;
    for (int k = 0; k < 4; k++)
        call.components[k] = std::min(first + k, last);
    if (call.alpha)
        call.components[3] = kAlpha;
    for (int j = 0; j < s.codes; j++)
        for (int d = 0; d < 3; d++)
            call.takes[d] = call.takes[d] || s.by_code[j][d] != 0;
    call.takes[kAlpha] = s.format->has_alpha() && s.input_format->has_alpha();
    return call;
}

void set_arguments(const StoreCall &call, const Storing &s, contract::Call &arguments) {
    const Format &format = *s.format, &from = *s.input_format;
    const bool exact = s.direct && !is_float(format.word);  // by the formula that processors use
    for (int k = 0; k < 3; k++) {
        const int j = call.components[k];
        for (int c = 0; c < 3; c++) {
            set<float>(arguments, Arg::weight0, 3 * k + c, exact ? (c == j ? 1.0f : 0.0f) : s.by_number[j][c]);
            set<float>(arguments, Arg::code_weight0, 3 * k + c, s.by_code[j][c]);
        }
        set<float>(arguments, Arg::shift0, k, exact ? s.shift[j] : s.offset[j]);
    }
    for (int k = 0; k < 4; k++)
        set<int32_t>(arguments, Arg::place0, k, format.components[call.components[k]].shift);
    arguments.gain = exact ? s.gain : 1;
    arguments.width = s.image.width;
    arguments.height = s.image.height;
    set_axis(arguments, Arg::columns_out, call.chroma ? s.columns : kEverySample);
    set_axis(arguments, Arg::rows_out, call.chroma ? s.rows : kEverySample);

    // All codes that are taken have one resolution: of YUV only U and V are taken, and YUV has no alpha.
    const Storing::Way &way = s.way(1, call.components[0]);
    arguments.codes_taken = call.takes[0] || call.takes[1] || call.takes[2];
    arguments.codes_width = samples_of(s.input.width, from.sub_x, 1);
    arguments.codes_height = samples_of(s.input.height, from.sub_y, 1);
    set_axis(arguments, Arg::code_columns_out, way.columns);
    set_axis(arguments, Arg::code_rows_out, way.rows);
    const float alpha_white = call.alpha ? format.components[kAlpha].white() : 0;
    arguments.alpha_weight = call.takes[kAlpha] ? alpha_white / from.components[kAlpha].white() : 0;
    arguments.alpha_shift = call.takes[kAlpha] ? 0 : alpha_white;
    arguments.alpha_white = alpha_white;
    arguments.white = format.components[0].white();
    arguments.floats = is_float(format.word);
}

}  // namespace slimscale::runtime::gpu
