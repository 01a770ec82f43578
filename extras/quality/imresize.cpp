#include "extras/quality/imresize.h"

#include <algorithm>
#include <cmath>

namespace slimscale::quality {
namespace {

constexpr double kSupport = 4;  // input pixels under the kernel when not shrinking

// Keys' cubic convolution kernel, a = -0.5.
double cubic(double x) {
    const double d = std::abs(x), d2 = d * d, d3 = d2 * d;
    if (d <= 1)
        return 1.5 * d3 - 2.5 * d2 + 1;
    return d <= 2 ? -0.5 * d3 + 2.5 * d2 - 4 * d + 2 : 0;
}

// An input pixel of an output pixel, along one dimension.
struct Tap {
    int index;
    double weight;
};
using Taps = std::vector<Tap>;

// The index in a line that is mirrored at its ends: ... 1 0 | 0 1 ... n-1 | n-1 n-2 ...
int mirrored(int index, int size) {
    const int period = 2 * size;
    index = (index % period + period) % period;
    return index < size ? index : period - 1 - index;
}

std::vector<Taps> make_taps(int size, int new_size) {
    const double scale = static_cast<double>(new_size) / size;
    const double sharpness = std::min(scale, 1.0);
    const double support = kSupport / sharpness;
    const int count = static_cast<int>(std::ceil(support)) + 2;

    std::vector<Taps> all(static_cast<size_t>(new_size));
    for (int i = 0; i < new_size; i++) {
        const double center = (i + 0.5) / scale - 0.5;
        const int left = static_cast<int>(std::floor(center - support / 2));
        double sum = 0;
        Taps &taps = all[static_cast<size_t>(i)];
        for (int index = left; index < left + count; index++) {
            const double weight = cubic(sharpness * (center - index));
            sum += weight;
            if (weight != 0)
                taps.push_back({mirrored(index, size), weight});
        }
        for (Tap &tap : taps)
            tap.weight /= sum;
    }
    return all;
}

// One dimension of a picture.
struct Axis {
    int size;
    ptrdiff_t stride;
};
struct Axes {
    Axis x, y, c;
};

Axes axes_of(const PictureShape &shape) {
    const ptrdiff_t width = shape.width, height = shape.height, channels = shape.channels;
    if (shape.order == Order::planar)
        return {{shape.width, 1}, {shape.height, width}, {shape.channels, width * height}};
    return {{shape.width, channels}, {shape.height, width * channels}, {shape.channels, 1}};
}

// Resizes along the first axis. The other two, whose sizes do not change, are walked over.
void resize_along(const double *in, double *out, const Axis (&from)[3], const Axis (&to)[3]) {
    const std::vector<Taps> all = make_taps(from[0].size, to[0].size);
    for (int a = 0; a < from[1].size; a++) {
        for (int b = 0; b < from[2].size; b++) {
            const double *line = in + a * from[1].stride + b * from[2].stride;
            double *new_line = out + a * to[1].stride + b * to[2].stride;
            for (int i = 0; i < to[0].size; i++) {
                double sum = 0;
                for (const Tap &tap : all[static_cast<size_t>(i)])
                    sum += tap.weight * line[tap.index * from[0].stride];
                new_line[i * to[0].stride] = sum;
            }
        }
    }
}

enum class Along { x, y };

std::vector<double> pass(const std::vector<double> &in, const PictureShape &from, const PictureShape &to, Along along) {
    const Axes f = axes_of(from), t = axes_of(to);
    std::vector<double> out(to.size());
    if (along == Along::x)
        resize_along(in.data(), out.data(), {f.x, f.y, f.c}, {t.x, t.y, t.c});
    else
        resize_along(in.data(), out.data(), {f.y, f.x, f.c}, {t.y, t.x, t.c});
    return out;
}

template <typename AfterPass>
std::vector<double> resize(std::vector<double> picture, const PictureShape &shape, int new_width, int new_height,
                           AfterPass &&after_pass) {
    const double x_scale = static_cast<double>(new_width) / shape.width;
    const double y_scale = static_cast<double>(new_height) / shape.height;
    const bool rows_first = y_scale <= x_scale;
    PictureShape between = shape, target = shape;
    (rows_first ? between.height : between.width) = rows_first ? new_height : new_width;
    target.width = new_width;
    target.height = new_height;
    picture = pass(picture, shape, between, rows_first ? Along::y : Along::x);
    after_pass(picture);
    picture = pass(picture, between, target, rows_first ? Along::x : Along::y);
    after_pass(picture);
    return picture;
}

constexpr double kWhite = 255;

void quantize(std::vector<double> &values) {
    for (double &value : values)
        value = std::round(std::clamp(value, 0.0, kWhite));
}

}  // namespace

std::vector<double> imresize(const std::vector<double> &picture, const PictureShape &shape, int new_width,
                             int new_height) {
    return resize(picture, shape, new_width, new_height, [](std::vector<double> &) {});
}

std::vector<uint8_t> imresize(const std::vector<uint8_t> &picture, const PictureShape &shape, int new_width,
                              int new_height) {
    const std::vector<double> resized =
        resize({picture.begin(), picture.end()}, shape, new_width, new_height, quantize);
    std::vector<uint8_t> result(resized.size());
    std::transform(resized.begin(), resized.end(), result.begin(),
                   [](double value) { return static_cast<uint8_t>(value); });
    return result;
}

}  // namespace slimscale::quality
