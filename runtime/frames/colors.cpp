#include "runtime/frames/colors.h"

#include <algorithm>
#include <cmath>

namespace slimscale::runtime {

namespace {

// Three numbers from three, in double precision.
struct Affine {
    double by[3][3];
    double offset[3];
};

constexpr Affine kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {0, 0, 0}};

// The composition: first a, then b.
Affine after(const Affine &b, const Affine &a) {
    Affine c{};
    for (int i = 0; i < 3; i++) {
        c.offset[i] = b.offset[i];
        for (int k = 0; k < 3; k++) {
            c.offset[i] += b.by[i][k] * a.offset[k];
            for (int j = 0; j < 3; j++)
                c.by[i][j] += b.by[i][k] * a.by[k][j];
        }
    }
    return c;
}

Affine inverse(const Affine &a) {
    const auto &m = a.by;
    Affine r{};
    double determinant = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;
            r.by[j][i] = m[i1][j1] * m[i2][j2] - m[i1][j2] * m[i2][j1];  // the cofactor of (i, j)
            determinant += i == 0 ? m[0][j] * r.by[j][0] : 0;
        }
    for (auto &row : r.by)
        for (double &value : row)
            value /= determinant;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            r.offset[i] -= r.by[i][k] * a.offset[k];
    return r;
}

// R'G'B' of 0 to 1 to Y' of 0 to 1 and Cb, Cr of -0.5 to 0.5.
Affine ycbcr_of_rgb(slimscale_matrix matrix) {
    struct {
        double red, blue;
    } const luma = matrix == SLIMSCALE_MATRIX_BT709    ? decltype(luma){0.2126, 0.0722}
                   : matrix == SLIMSCALE_MATRIX_BT2020 ? decltype(luma){0.2627, 0.0593}
                                                       : decltype(luma){0.299, 0.114};
    const double weights[3] = {luma.red, 1 - luma.red - luma.blue, luma.blue};
    Affine a{};
    for (int c = 0; c < 3; c++) {
        a.by[0][c] = weights[c];
        a.by[1][c] = ((c == 2) - weights[c]) / (2 * (1 - luma.blue));
        a.by[2][c] = ((c == 0) - weights[c]) / (2 * (1 - luma.red));
    }
    return a;
}

// Values of 0 to 1 (chroma: -0.5 to 0.5) to codes.
Affine codes_of_values(const slimscale_image &image, ColorModel model) {
    const Component &component = format_of(image.format).components[0];
    const double white = component.white();
    const bool limited = image.range == SLIMSCALE_RANGE_LIMITED && component.bits > 0;
    const double unit = std::ldexp(1.0, component.bits - 8);
    Affine a{};
    for (int c = 0; c < 3; c++) {
        const bool chroma = model == ColorModel::yuv && c > 0;
        a.by[c][c] = limited ? (chroma ? 224 : 219) * unit : white;
        a.offset[c] = chroma ? 128 * unit : limited ? 16 * unit : 0;
    }
    return a;
}

ColorModel model_of(const slimscale_image &image, int colors) {
    const ColorModel model = format_of(image.format).model;
    return model != ColorModel::network ? model : colors == 1 ? ColorModel::gray : ColorModel::rgb;
}

// Codes to R'G'B'. Gray has two more codes for chroma, which are 0.
Affine rgb_of_codes(const slimscale_image &image, ColorModel model) {
    const Affine values = inverse(codes_of_values(image, model));
    return model == ColorModel::rgb ? values : after(inverse(ycbcr_of_rgb(image.matrix)), values);
}

Affine codes_of_rgb(const slimscale_image &image, ColorModel model) {
    const Affine values = codes_of_values(image, model);
    return model == ColorModel::rgb ? values : after(values, ycbcr_of_rgb(image.matrix));
}

// ---- Luma networks -------------------------------------------------------------------------------------------------

// The input's Y', Cb, Cr to luma as it is coded, and Cb, Cr. RGB is coded in the range that networks are trained in.
Affine coded_luma(const slimscale_image &input, ColorModel model) {
    const bool floats = format_of(input.format).components[0].bits == 0;
    const bool limited = model == ColorModel::rgb || (input.range == SLIMSCALE_RANGE_LIMITED && !floats);
    Affine a = kIdentity;
    if (limited) {
        a.by[0][0] = 219.0 / 255;
        a.offset[0] = 16.0 / 255;
    }
    return a;
}

// The input's codes to coded luma, Cb and Cr.
Affine luma_of_codes(const slimscale_image &input, ColorModel model) {
    const Affine values = inverse(codes_of_values(input, model));
    const Affine ycbcr = model == ColorModel::rgb ? after(ycbcr_of_rgb(input.matrix), values) : values;
    return after(coded_luma(input, model), ycbcr);
}

// ---- Both -----------------------------------------------------------------------------------------------------------

// Rounding errors become 0, since a chroma code that depended on luma by 1e-17 would be computed at luma's resolution.
float significant(double value, double largest) {
    return static_cast<float>(std::fabs(value) < 1e-9 * largest ? 0 : value);
}

void set_coefficients(const double (&by)[3][3], float (&out)[3][3]) {
    for (int i = 0; i < 3; i++) {
        double largest = 0;
        for (const double value : by[i])
            largest = std::max(largest, std::fabs(value));
        for (int j = 0; j < 3; j++)
            out[i][j] = significant(by[i][j], largest);
    }
}

// Values of 0 to 1 to the network's numbers.
Affine numbers_of_values(const ColorTransform &network) {
    Affine a{};
    for (int c = 0; c < 3; c++) {
        a.by[c][c] = network.range;
        a.offset[c] = -static_cast<double>(network.mean[c]) * network.range;
    }
    return a;
}

// Whether colors and the image's codes are the same except for a factor.
bool is_direct(const slimscale_image &image, ColorModel model, const ColorTransform &network) {
    const bool same = network.colors == 3 ? model == ColorModel::rgb : model == ColorModel::gray;
    return same && (image.range == SLIMSCALE_RANGE_FULL || is_float(format_of(image.format).word));
}

}  // namespace

Loading loading(const slimscale_image &input, const ColorTransform &network) {
    Loading l;
    l.image = with_colors(input);
    l.format = &format_of(input.format);
    const ColorModel model = model_of(input, network.colors);
    const float white = l.format->components[0].white();
    l.numbers = network.colors;
    l.network = network;
    l.direct = is_direct(l.image, model, network);
    l.gain = network.range / white;
    for (int c = 0; c < 3; c++)
        l.shift[c] = network.mean[c] * network.range;
    const Affine values = network.colors == 3 ? rgb_of_codes(l.image, model) : luma_of_codes(l.image, model);
    const Affine numbers = after(numbers_of_values(network), values);
    set_coefficients(numbers.by, l.by_code);
    for (int c = 0; c < network.colors; c++) {
        l.offset[c] = static_cast<float>(numbers.offset[c]);
        for (int j = 0; j < 3; j++)
            l.codes = l.by_code[c][j] != 0 ? std::max(l.codes, j + 1) : l.codes;
    }
    l.columns = resampling(chroma_columns(l.image.siting, l.format->sub_x), kEveryPixel, 1);
    l.rows = resampling(chroma_rows(l.image.siting, l.format->sub_y), kEveryPixel, 1);
    return l;
}

Storing storing(const slimscale_image &input, const slimscale_image &output, const ColorTransform &network, int scale) {
    Storing s;
    s.input = with_colors(input);
    s.image = with_colors(output, s.input);
    s.format = &format_of(output.format);
    s.input_format = &format_of(input.format);
    const ColorModel from = model_of(input, network.colors), to = model_of(output, network.colors);
    s.numbers = network.colors;
    s.network = network;
    s.codes = color_count(*s.format, network.colors);
    s.gain = s.format->components[0].white() / network.range;
    for (int c = 0; c < 3; c++)
        s.shift[c] = network.mean[c] * network.range;

    const Affine values = inverse(numbers_of_values(network));
    Affine total{};
    if (network.colors == 3) {
        s.direct = is_direct(s.image, to, network);
        total = after(codes_of_rgb(s.image, to), values);
        set_coefficients(total.by, s.by_number);
    } else {
        const Affine coded = luma_of_codes(s.input, from);
        const Affine luma = coded_luma(s.input, from);
        s.direct = is_direct(s.image, to, network) && luma.by[0][0] == 1;
        const Affine ycbcr = inverse(luma);
        const Affine rgb = after(inverse(ycbcr_of_rgb(s.input.matrix)), ycbcr);
        // Gray is the Y of the other image.
        const Affine codes =
            to == ColorModel::gray ? after(codes_of_values(s.image, to), ycbcr) : after(codes_of_rgb(s.image, to), rgb);
        // Luma comes from the network's first number, Cb and Cr from the input's codes, if it has any.
        double by_number[3][3] = {}, by_code[3][3] = {};
        for (int j = 0; j < 3; j++) {
            double offset = codes.offset[j] + codes.by[j][0] * values.offset[0];
            by_number[j][0] = codes.by[j][0] * values.by[0][0];
            for (int c = 1; c < 3 && from != ColorModel::gray; c++) {
                const double weight = std::fabs(codes.by[j][c]) < 1e-9 * std::fabs(codes.by[0][0]) ? 0 : codes.by[j][c];
                offset += weight * coded.offset[c];
                for (int d = 0; d < 3; d++)
                    by_code[j][d] += weight * coded.by[c][d];
            }
            total.offset[j] = offset;
        }
        const double largest = std::fabs(by_number[0][0]);
        for (int j = 0; j < 3; j++)
            s.by_number[j][0] = significant(by_number[j][0], largest);
        set_coefficients(by_code, s.by_code);
    }
    for (int j = 0; j < s.codes; j++)
        s.offset[j] = significant(total.offset[j], s.format->components[0].white());

    const Sites columns = chroma_columns(s.image.siting, s.format->sub_x);
    const Sites rows = chroma_rows(s.image.siting, s.format->sub_y);
    s.columns = resampling(kEveryPixel, columns, 1);
    s.rows = resampling(kEveryPixel, rows, 1);
    for (const bool from_chroma : {false, true})
        for (const bool to_chroma : {false, true}) {
            const Sites from_columns =
                from_chroma ? chroma_columns(s.input.siting, s.input_format->sub_x) : kEveryPixel;
            const Sites from_rows = from_chroma ? chroma_rows(s.input.siting, s.input_format->sub_y) : kEveryPixel;
            s.ways[from_chroma][to_chroma] = {resampling(from_columns, to_chroma ? columns : kEveryPixel, scale),
                                              resampling(from_rows, to_chroma ? rows : kEveryPixel, scale)};
        }
    return s;
}

bool Storing::averages_rows() const {
    return format->subsampled() && !rows.copies() && has_chroma_of_numbers();
}

bool Storing::has_chroma_of_numbers() const {
    for (int j = 1; j < codes; j++)
        for (int c = 0; c < numbers; c++)
            if (by_number[j][c] != 0)
                return true;
    return false;
}

namespace {

// The number of chroma rows that luma rows [0, end) complete.
int chroma_rows_of(const Storing &s, int end) {
    const int height = s.image.height, rows = samples_of(height, s.format->sub_y, 1);
    if (end >= height)
        return rows;
    if (!s.averages_rows())
        return end / s.format->sub_y;
    // Row k reads up to rows.first_tap(k) + taps - 1, at two rows further for each k.
    const int reach = s.rows.first[0] + s.rows.taps - 1;
    return end > reach ? std::min((end - 1 - reach) / s.rows.in_period + 1, rows) : 0;
}

}  // namespace

RowRange complete_chroma_rows(const Storing &s, int begin, int end) {
    if (!s.format->subsampled())
        return {0, 0};
    return {chroma_rows_of(s, begin), chroma_rows_of(s, end)};
}

}  // namespace slimscale::runtime
