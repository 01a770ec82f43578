#include "tests/runtime/frame_oracle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

namespace slimscale::test {

namespace {

using Model = Layout::Model;
using Three = std::array<double, 3>;

constexpr int kHalf = 0, kFloat = -1;

bool one_of(slimscale_format format, std::initializer_list<slimscale_format> some) {
    return std::find(some.begin(), some.end(), format) != some.end();
}

const unsigned char *row_at(const slimscale_image &image, int plane, int y) {
    return static_cast<const unsigned char *>(image.planes[plane]) + y * image.strides[plane];
}

template <typename T>
T word(const unsigned char *row, int i) {
    T value;
    std::memcpy(&value, row + static_cast<size_t>(i) * sizeof(T), sizeof value);
    return value;
}

double half_value(uint16_t bits) {
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return bits & 0x8000 ? -magnitude : magnitude;
}

double sample(const unsigned char *row, int i, int bits) {
    return bits == kFloat  ? word<float>(row, i)
           : bits == kHalf ? half_value(word<uint16_t>(row, i))
           : bits == 8     ? row[i]
                           : word<uint16_t>(row, i);
}

// Interleaved formats: samples per pixel, and the places of R and B.
struct Order {
    int samples, red, blue;
};

Order order_of(slimscale_format f) {
    const bool bgr = one_of(f, {SLIMSCALE_BGR8, SLIMSCALE_BGRA8, SLIMSCALE_BGRX8});
    const bool three =
        one_of(f, {SLIMSCALE_RGB8, SLIMSCALE_RGB16, SLIMSCALE_BGR8, SLIMSCALE_RGB_F16, SLIMSCALE_RGB_F32});
    return {three ? 3 : 4, bgr ? 2 : 0, bgr ? 0 : 2};
}

bool is_planar(slimscale_format f) {
    return one_of(f, {SLIMSCALE_PLANAR_8, SLIMSCALE_PLANAR_16, SLIMSCALE_PLANAR_F16, SLIMSCALE_PLANAR_F32});
}

bool is_semiplanar(slimscale_format f) {
    return f >= SLIMSCALE_NV12;
}

double white_of(int bits) {
    return bits > 0 ? std::ldexp(1.0, bits) - 1 : 1;
}

bool has_alpha(slimscale_format f, int colors) {
    return layout_of(f, colors).alpha_bits != 0;
}

// ---- Colors ---------------------------------------------------------------------------------------------------------

struct Colors {
    double kr, kb;
    bool limited;
    slimscale_siting siting;
};

slimscale_matrix usual_matrix(const slimscale_image &image) {
    return image.width >= 1280 || image.height > 576 ? SLIMSCALE_MATRIX_BT709 : SLIMSCALE_MATRIX_BT601;
}

Colors colors_of(const slimscale_image &image, int colors, const slimscale_image *input) {
    const Layout layout = layout_of(image.format, colors);
    const bool yuv = layout.model == Model::yuv;
    const bool same = input && yuv && layout_of(input->format, colors).model == Model::yuv;
    slimscale_matrix matrix = image.matrix;
    if (!matrix && same)
        matrix = input->matrix ? input->matrix : usual_matrix(*input);
    if (!matrix)
        matrix = yuv ? usual_matrix(image) : SLIMSCALE_MATRIX_BT601;
    slimscale_range range = image.range;
    if (!range && same)
        range = input->range;
    if (!range)
        range = yuv ? SLIMSCALE_RANGE_LIMITED : SLIMSCALE_RANGE_FULL;
    slimscale_siting siting = image.siting;
    if (!siting && input && layout.sub_x > 1 && layout_of(input->format, colors).sub_x > 1)
        siting = input->siting;
    if (!siting)
        siting = SLIMSCALE_SITING_LEFT;
    const bool bt709 = matrix == SLIMSCALE_MATRIX_BT709, bt601 = matrix == SLIMSCALE_MATRIX_BT601;
    return {bt601   ? 0.299
            : bt709 ? 0.2126
                    : 0.2627,
            bt601   ? 0.114
            : bt709 ? 0.0722
                    : 0.0593,
            range == SLIMSCALE_RANGE_LIMITED && layout.bits > 0, siting};
}

double unit_of(int bits) {
    return std::ldexp(1.0, bits - 8);
}

// A code as a number: 0..1, chroma -0.5..0.5.
double value_of(double code, const Layout &l, const Colors &colors, int c) {
    const bool chroma = l.model == Model::yuv && c > 0;
    if (colors.limited)
        return chroma ? (code - 128 * unit_of(l.bits)) / (224 * unit_of(l.bits))
                      : (code - 16 * unit_of(l.bits)) / (219 * unit_of(l.bits));
    return chroma ? (code - 128 * unit_of(l.bits)) / white_of(l.bits) : code / white_of(l.bits);
}

double code_of(double value, const Layout &l, const Colors &colors, int c) {
    const bool chroma = l.model == Model::yuv && c > 0;
    if (colors.limited)
        return chroma ? value * 224 * unit_of(l.bits) + 128 * unit_of(l.bits)
                      : value * 219 * unit_of(l.bits) + 16 * unit_of(l.bits);
    return chroma ? value * white_of(l.bits) + 128 * unit_of(l.bits) : value * white_of(l.bits);
}

Three to_ycbcr(const Three &rgb, const Colors &k) {
    const double y = k.kr * rgb[0] + (1 - k.kr - k.kb) * rgb[1] + k.kb * rgb[2];
    return {y, (rgb[2] - y) / (2 - 2 * k.kb), (rgb[0] - y) / (2 - 2 * k.kr)};
}

Three to_rgb(const Three &ycc, const Colors &k) {
    const double r = ycc[0] + (2 - 2 * k.kr) * ycc[2], b = ycc[0] + (2 - 2 * k.kb) * ycc[1];
    return {r, (ycc[0] - k.kr * r - k.kb * b) / (1 - k.kr - k.kb), b};
}

// ---- Resampling -----------------------------------------------------------------------------------------------------

double keys(double d) {
    d = std::fabs(d);
    return d < 1 ? 1.5 * d * d * d - 2.5 * d * d + 1 : d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
}

// The value at `position`, in samples of which the first lies at 0, where one of every `step` is wanted.
double cubic_at(double position, double step, int count, bool mirrored, const std::function<double(int)> &at) {
    const double stretch = std::max(1.0, step);
    double sum = 0, weights = 0;
    for (int i = static_cast<int>(std::floor(position - 2 * stretch)) - 1; i <= position + 2 * stretch + 1; i++) {
        const double weight = keys((position - i) / stretch);
        if (weight == 0)
            continue;
        int j = i;
        if (mirrored)
            j = j < 0 ? -j - 1 : j > count - 1 ? 2 * count - j - 1 : j;
        sum += weight * at(std::min(std::max(j, 0), count - 1));
        weights += weight;
    }
    return sum / weights;
}

double cubic_at(double x, double y, double step_x, double step_y, int columns, int rows, bool mirrored,
                const std::function<double(int, int)> &at) {
    return cubic_at(y, step_y, rows, mirrored, [&](int row) {
        return cubic_at(x, step_x, columns, mirrored, [&](int column) { return at(column, row); });
    });
}

// The place of chroma sample i in pixels, where the middle of the first pixel is 0.
double chroma_column(int i, const Layout &l, const Colors &colors) {
    return l.sub_x * i + (l.sub_x == 2 && colors.siting == SLIMSCALE_SITING_CENTER ? 0.5 : 0);
}
double chroma_row(int i, const Layout &l, const Colors &colors) {
    return l.sub_y * i + (l.sub_y == 2 && colors.siting != SLIMSCALE_SITING_TOP_LEFT ? 0.5 : 0);
}

// Component c of the input at the place of (x, y) of the output, which is `scale` times as large. step_x and step_y are
// the output's pixels from one wanted value to the next.
double value_at(const slimscale_image &input, int colors, int c, double x, double y, int scale, int step_x,
                int step_y) {
    const Layout l = layout_of(input.format, colors);
    const Colors k = colors_of(input, colors, nullptr);
    const bool chroma = c > 0;
    const int sub_x = chroma ? l.sub_x : 1, sub_y = chroma ? l.sub_y : 1;
    // Places are those of middles: the output's x lies at (x + 0.5)/scale - 0.5 of the input.
    const double column = ((x + 0.5) / scale - 0.5 - (chroma ? chroma_column(0, l, k) : 0)) / sub_x;
    const double row = ((y + 0.5) / scale - 0.5 - (chroma ? chroma_row(0, l, k) : 0)) / sub_y;
    const int columns = (input.width + sub_x - 1) / sub_x, rows = (input.height + sub_y - 1) / sub_y;
    const auto at = [&](int i, int j) { return value_of(code_at(input, colors, c, i, j), l, k, c); };
    return cubic_at(column, row, static_cast<double>(step_x) / scale / sub_x,
                    static_cast<double>(step_y) / scale / sub_y, columns, rows, true, at);
}

bool is_chroma(const Layout &l, int c) {
    return l.model == Model::yuv && c > 0;
}

// Luma as the network has it, as Y' from 0 to 1.
double plain_luma(double coded, const slimscale_image &input, int colors) {
    const Layout l = layout_of(input.format, colors);
    const bool limited = l.model == Model::rgb || colors_of(input, colors, nullptr).limited;
    return limited ? (255 * coded - 16) / 219 : coded;
}

// R'G'B' from 0 to 1 of the output's pixel, or, for chroma `c`, of the output's chroma sample.
Three stored_rgb(const slimscale_image &input, const slimscale_image &output, int colors, int scale, int c, int x,
                 int y, const std::function<Numbers(int, int)> &numbers) {
    const Layout from = layout_of(input.format, colors), to = layout_of(output.format, colors);
    const Colors in = colors_of(input, colors, nullptr), out = colors_of(output, colors, &input);
    const bool chroma = is_chroma(to, c);
    const int step_x = chroma ? to.sub_x : 1, step_y = chroma ? to.sub_y : 1;
    const double column = chroma ? chroma_column(x, to, out) : x, row = chroma ? chroma_row(y, to, out) : y;
    const auto number = [&](int which) {
        return cubic_at(column, row, step_x, step_y, output.width, output.height, true,
                        [&](int i, int j) { return numbers(i, j).of[which]; });
    };
    if (colors == 3)
        return {number(0), number(1), number(2)};
    const double luma = plain_luma(number(0), input, colors);
    if (from.model == Model::gray)
        return {luma, luma, luma};
    const auto value = [&](int component) {
        return value_at(input, colors, component, column, row, scale, step_x, step_y);
    };
    Three ycc{luma, 0, 0};
    if (from.model == Model::yuv)
        ycc = {luma, value(1), value(2)};
    else if (const Three source = to_ycbcr({value(0), value(1), value(2)}, in); true)
        ycc = {luma, source[1], source[2]};
    return to_rgb(ycc, in);
}

double alpha_oracle(const slimscale_image &input, const slimscale_image &output, int colors, int scale, int x, int y) {
    const double white = white_of(layout_of(output.format, colors).alpha_bits);
    if (!has_alpha(input.format, colors))
        return white;
    const double from_white = white_of(layout_of(input.format, colors).alpha_bits);
    const double alpha = cubic_at((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5, 0, 0, input.width, input.height,
                                  false, [&](int i, int j) { return code_at(input, colors, 3, i, j); });
    return std::min(std::max(alpha / from_white, 0.0), 1.0) * white;
}

}  // namespace

std::vector<slimscale_format> formats_of(int colors) {
    std::vector<slimscale_format> formats;
    for (int f = 0; slimscale_format_name(static_cast<slimscale_format>(f)); f++)
        if (const auto format = static_cast<slimscale_format>(f);
            colors == 1 || layout_of(format, 3).model != Model::gray)
            formats.push_back(format);
    return formats;
}

Layout layout_of(slimscale_format f, int colors) {
    const std::string name = slimscale_format_name(f);
    const Model network = colors == 1 ? Model::gray : Model::rgb;
    switch (f) {
    case SLIMSCALE_PLANAR_8:
        return {network, 8, 0, 1, 1};
    case SLIMSCALE_PLANAR_16:
        return {network, 16, 0, 1, 1};
    case SLIMSCALE_PLANAR_F16:
        return {network, kHalf, 0, 1, 1};
    case SLIMSCALE_PLANAR_F32:
        return {network, kFloat, 0, 1, 1};
    case SLIMSCALE_GRAY8:
        return {Model::gray, 8, 0, 1, 1};
    case SLIMSCALE_GRAY10:
        return {Model::gray, 10, 0, 1, 1};
    case SLIMSCALE_GRAY12:
        return {Model::gray, 12, 0, 1, 1};
    case SLIMSCALE_GRAY16:
        return {Model::gray, 16, 0, 1, 1};
    case SLIMSCALE_GRAYA8:
        return {Model::gray, 8, 8, 1, 1};
    case SLIMSCALE_GRAYA16:
        return {Model::gray, 16, 16, 1, 1};
    case SLIMSCALE_RGB8:
    case SLIMSCALE_BGR8:
    case SLIMSCALE_RGBX8:
    case SLIMSCALE_BGRX8:
        return {Model::rgb, 8, 0, 1, 1};
    case SLIMSCALE_RGBA8:
    case SLIMSCALE_BGRA8:
        return {Model::rgb, 8, 8, 1, 1};
    case SLIMSCALE_RGB16:
        return {Model::rgb, 16, 0, 1, 1};
    case SLIMSCALE_RGBA16:
        return {Model::rgb, 16, 16, 1, 1};
    case SLIMSCALE_RGB10A2:
    case SLIMSCALE_BGR10A2:
        return {Model::rgb, 10, 2, 1, 1};
    case SLIMSCALE_RGB_F16:
        return {Model::rgb, kHalf, 0, 1, 1};
    case SLIMSCALE_RGBA_F16:
        return {Model::rgb, kHalf, -1, 1, 1};
    case SLIMSCALE_RGB_F32:
        return {Model::rgb, kFloat, 0, 1, 1};
    case SLIMSCALE_RGBA_F32:
        return {Model::rgb, kFloat, -1, 1, 1};
    default:
        break;
    }
    const int sub_x = name.find("444") == std::string::npos ? 2 : 1;
    const int sub_y = name.find("422") != std::string::npos || name == "nv16" ? 1 : sub_x;
    const int bits = name.find("10") != std::string::npos    ? 10
                     : name.find("_12") != std::string::npos ? 12
                     : name == "p012"                        ? 12
                     : name.find("_16") != std::string::npos ? 16
                     : name == "p016"                        ? 16
                                                             : 8;
    return {Model::yuv, bits, 0, sub_x, sub_y};
}

double code_at(const slimscale_image &image, int colors, int c, int x, int y) {
    const slimscale_format f = image.format;
    const Layout l = layout_of(f, colors);
    const int mask = l.bits > 0 ? (1 << l.bits) - 1 : 0;
    if (f == SLIMSCALE_RGB10A2 || f == SLIMSCALE_BGR10A2) {
        const uint32_t all = word<uint32_t>(row_at(image, 0, y), x);
        const int place = c == 3 ? 30 : 10 * (f == SLIMSCALE_RGB10A2 ? c : 2 - c);
        return (all >> place) & (c == 3 ? 3u : 1023u);
    }
    if (is_semiplanar(f)) {
        const int shift = f == SLIMSCALE_P010 ? 6 : f == SLIMSCALE_P012 ? 4 : 0;
        const int second = f == SLIMSCALE_NV21 ? c == 1 : c == 2;
        const double value =
            c == 0 ? sample(row_at(image, 0, y), x, l.bits) : sample(row_at(image, 1, y), 2 * x + second, l.bits);
        return (static_cast<int>(value) >> shift) & mask;
    }
    double value = 0;
    if (l.model == Model::yuv || is_planar(f)) {
        value = sample(row_at(image, c, y), x, l.bits);
    } else if (l.model == Model::gray) {
        value = sample(row_at(image, 0, y), x * (l.alpha_bits ? 2 : 1) + (c == 3), l.bits);
    } else {
        const Order order = order_of(f);
        const int at = c == 0 ? order.red : c == 2 ? order.blue : c;
        value = sample(row_at(image, 0, y), x * order.samples + at, l.bits);
    }
    return l.bits > 0 ? static_cast<int>(value) & mask : value;
}

Numbers load_oracle(const slimscale_image &input, int colors, int x, int y) {
    const Layout l = layout_of(input.format, colors);
    const Colors k = colors_of(input, colors, nullptr);
    const auto value = [&](int c) {
        return is_chroma(l, c) ? value_at(input, colors, c, x, y, 1, 1, 1)
                               : value_of(code_at(input, colors, c, x, y), l, k, c);
    };
    if (colors == 1) {
        const double luma = l.model == Model::rgb ? to_ycbcr({value(0), value(1), value(2)}, k)[0] : value(0);
        const bool limited = l.model == Model::rgb || k.limited;
        return {{limited ? (16 + 219 * luma) / 255 : luma, 0, 0}};
    }
    const Three all{value(0), value(1), value(2)};
    const Three rgb = l.model == Model::yuv ? to_rgb(all, k) : all;
    return {{rgb[0], rgb[1], rgb[2]}};
}

double store_oracle(const slimscale_image &input, const slimscale_image &output, int colors, int scale, int c, int x,
                    int y, const std::function<Numbers(int, int)> &numbers) {
    if (c == 3)
        return alpha_oracle(input, output, colors, scale, x, y);
    const Layout to = layout_of(output.format, colors);
    const Colors out = colors_of(output, colors, &input);
    const Three rgb = stored_rgb(input, output, colors, scale, c, x, y, numbers);
    if (to.model == Model::rgb)
        return code_of(rgb[static_cast<size_t>(c)], to, out, c);
    // Gray is Y by the input's matrix.
    const Colors matrix = to.model == Model::gray ? colors_of(input, colors, nullptr) : out;
    return code_of(to_ycbcr(rgb, matrix)[static_cast<size_t>(c)], to, out, c);
}

double worst_step(const slimscale_image &input, const slimscale_image &output, int colors, int scale,
                  const std::function<Numbers(int, int)> &numbers) {
    const Layout to = layout_of(output.format, colors);
    double worst = 0;
    for (int c = 0; c < 4; c++) {
        if ((c == 3 && to.alpha_bits == 0) || (c > 0 && c < 3 && to.model == Model::gray))
            continue;
        const bool chroma = is_chroma(to, c);
        const int columns = chroma ? (output.width + to.sub_x - 1) / to.sub_x : output.width;
        const int rows = chroma ? (output.height + to.sub_y - 1) / to.sub_y : output.height;
        const int bits = c == 3 ? to.alpha_bits : to.bits;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++) {
                double want = store_oracle(input, output, colors, scale, c, x, y, numbers);
                if (bits > 0)
                    want = std::min(std::max(want, 0.0), white_of(bits));
                const double off = std::fabs(code_at(output, colors, c, x, y) - want);
                const double step = bits > 0 ? off : off * 1023 / std::max(1.0, std::fabs(want));
                if (!(step <= worst))
                    worst = std::isnan(step) ? 1e9 : step;
            }
    }
    return worst;
}

}  // namespace slimscale::test
