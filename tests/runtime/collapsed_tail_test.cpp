// The filters of collapsed tails against the two convolutions that they replace, in plain loops.
#include "runtime/filters/collapsed_tail.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::runtime;

namespace {

size_t index(int n) {
    return static_cast<size_t>(n);
}

// Values (c, y, x), which are zero outside.
struct Plane {
    int channels, width, height;
    std::vector<double> data;

    Plane(int c, int w, int h) : channels(c), width(w), height(h), data(index(c * w * h)) {}
    double &at(int c, int y, int x) { return data[index((c * height + y) * width + x)]; }
    double read(int c, int y, int x) const {
        const bool inside = x >= 0 && y >= 0 && x < width && y < height;
        return inside ? data[index((c * height + y) * width + x)] : 0;
    }
};

// A blob of an upsampler and a tail with random weights, of `full` channels.
class Blob {
public:
    Blob(int full, int colors, int shuffle) {
        BlobFilter up{}, tail{};
        up.inputs = up.outputs = tail.inputs = static_cast<uint32_t>(full);
        up.phases = static_cast<uint32_t>(shuffle * shuffle);
        tail.outputs = static_cast<uint32_t>(colors);
        tail.phases = up.groups = tail.groups = 1;
        up.kernel = tail.kernel = 3;
        uint64_t end = round_up(sizeof(BlobHeader), kBlobAlignment);
        for (BlobFilter *f : {&up, &tail}) {
            f->weights_offset = end;
            f->bias_offset = end + weight_count(*f) * sizeof(float);
            end = f->bias_offset + bias_count(*f) * sizeof(float);
        }
        memory_.resize(end / sizeof(float));
        std::mt19937 random(5);
        for (float &value : memory_)
            value = static_cast<float>(random()) / static_cast<float>(std::mt19937::max()) - 0.5f;
        filters_ = {up, tail};
        view.header = reinterpret_cast<const BlobHeader *>(memory_.data());
        view.filters = filters_.data();
    }

    double weight(uint32_t filter, int phase, int o, int i, int tap) const {
        const BlobFilter &f = view.filters[filter];
        const auto block = static_cast<uint64_t>(phase) * block_count(f) + static_cast<uint64_t>(o / kFilterBlock);
        const auto input = block * f.inputs + static_cast<uint64_t>(i);
        const uint64_t row = (input * 9 + static_cast<uint64_t>(tap)) * kFilterBlock;
        return static_cast<double>(view.weights(filter)[row + static_cast<uint64_t>(o % kFilterBlock)]);
    }
    double bias(uint32_t filter, int phase, int o) const {
        const auto first = static_cast<uint64_t>(phase) * bias_stride(view.filters[filter]);
        return static_cast<double>(view.bias(filter)[first + static_cast<uint64_t>(o)]);
    }

    BlobView view;

private:
    std::vector<float> memory_;
    std::vector<BlobFilter> filters_;
};

double convolve(const Blob &blob, uint32_t filter, int phase, const Plane &in, int o, int y, int x) {
    double sum = blob.bias(filter, phase, o);
    for (int i = 0; i < in.channels; i++)
        for (int tap = 0; tap < 9; tap++)
            sum += blob.weight(filter, phase, o, i, tap) * in.read(i, y + tap / 3 - 1, x + tap % 3 - 1);
    return sum;
}

Plane two_convolutions(const Blob &blob, const Plane &in, int colors, int s) {
    Plane fine(in.channels, in.width * s, in.height * s), image(colors, in.width * s, in.height * s);
    for (int c = 0; c < fine.channels; c++)
        for (int y = 0; y < fine.height; y++)
            for (int x = 0; x < fine.width; x++)
                fine.at(c, y, x) = convolve(blob, 0, y % s * s + x % s, in, c, y / s, x / s);
    for (int o = 0; o < colors; o++)
        for (int y = 0; y < fine.height; y++)
            for (int x = 0; x < fine.width; x++)
                image.at(o, y, x) = convolve(blob, 1, 0, fine, o, y, x);
    return image;
}

void run_serially(void *, int count, void (*task)(void *, int, int), void *data) {
    for (int i = 0; i < count; i++)
        task(data, i, 0);
}

struct Filters {
    std::vector<float> weights, bias;
    CollapsedTail tail;

    Filters(const Blob &blob, int channels, int colors, int shuffle)
        : tail{channels, colors, shuffle, round_up(channels, kFilterBlock), nullptr, nullptr} {
        weights.resize(static_cast<size_t>(tail.filters() * tail.filter_floats()));
        bias.resize(index(tail.filters() * kFilterBlock));
        tail.weights = weights.data();
        tail.bias = bias.data();
        slimscale_step step{};
        step.filter = 0, step.filter2 = 1;
        collapse_tail(blob.view, step, tail, {nullptr, 1, run_serially});
    }

    double at(const Plane &in, int o, int row_filter, int y, int column_filter, int x) const {
        const int filter = row_filter * collapsed_filters(tail.shuffle) + column_filter;
        double sum = static_cast<double>(bias[index(filter * kFilterBlock + o)]);
        const float *taps = weights.data() + filter * tail.filter_floats() + int64_t{o} * 16 * tail.padded;
        for (int tap = 0; tap < 16; tap++)
            for (int c = 0; c < in.channels; c++)
                sum += static_cast<double>(taps[tap * tail.padded + c]) *
                       in.read(c, y + first_tap(row_filter) + tap / 4, x + first_tap(column_filter) + tap % 4);
        return sum;
    }
};

// Visits the pixels of a phase along an axis, each with its filter.
template <typename Visit>
void for_each_pixel(int phase, int shuffle, int size, Visit visit) {
    PhaseSpan spans[2];
    const int count = phase_spans(phase, shuffle, {0, size}, size, spans);
    for (int i = 0; i < count; i++)
        for (int at = spans[i].begin; at < spans[i].end; at++)
            visit(spans[i].filter, at);
}

Plane collapsed(const Filters &filters, const Plane &in, int colors, int s) {
    Plane image(colors, in.width * s, in.height * s);
    for (int phase = 0; phase < s * s; phase++)
        for_each_pixel(phase / s, s, in.height, [&](int row_filter, int y) {
            for_each_pixel(phase % s, s, in.width, [&](int column_filter, int x) {
                for (int o = 0; o < colors; o++)
                    image.at(o, y * s + phase / s, x * s + phase % s) +=
                        filters.at(in, o, row_filter, y, column_filter, x);
            });
        });
    return image;
}

}  // namespace

TEST_CASE("a collapsed tail is its two convolutions, at the frame's borders too") {
    constexpr int kFull = 48;
    constexpr double kTolerance = 1e-4;  // for filters rounded to float, in sums of thousands of products near 0.1
    struct Size {
        int width, height;
    };
    for (int shuffle : {2, 3})
        for (int colors : {1, 3}) {
            const Blob blob(kFull, colors, shuffle);
            for (int channels : {8, 16, kFull}) {
                const Filters filters(blob, channels, colors, shuffle);
                for (Size size : {Size{1, 1}, Size{1, 4}, Size{5, 1}, Size{2, 3}, Size{6, 5}}) {
                    Plane in(channels, size.width, size.height);
                    std::mt19937 random(9);
                    for (double &value : in.data)
                        value = static_cast<double>(random()) / std::mt19937::max() - 0.5;
                    const Plane want = two_convolutions(blob, in, colors, shuffle);
                    const Plane got = collapsed(filters, in, colors, shuffle);
                    double worst = 0, largest = 0;
                    for (size_t i = 0; i < want.data.size(); i++) {
                        worst = std::max(worst, std::abs(got.data[i] - want.data[i]));
                        largest = std::max(largest, std::abs(want.data[i]));
                    }
                    INFO("x" << shuffle << ", " << channels << " channels, " << colors << " colors, " << size.width
                             << " x " << size.height);
                    CHECK(largest > 0.1);
                    CHECK(worst <= kTolerance);
                }
            }
        }
}

TEST_CASE("the spans of a phase cover each pixel once, the outermost by filters of their own") {
    for (int shuffle : {2, 3})
        for (int size : {1, 2, 7})
            for (int phase = 0; phase < shuffle; phase++)
                for (int first = -3; first < size; first += 4) {
                    const Rows range{std::max(first, 0), std::min(first + 4, size)};
                    PhaseSpan spans[2];
                    const int count = phase_spans(phase, shuffle, {first, first + 4}, size, spans);
                    int next = range.begin;
                    for (int i = 0; i < count; i++) {
                        CHECK(spans[i].begin == next);
                        for (next = spans[i].begin; next < spans[i].end; next++) {
                            const bool top = phase == 0 && next == 0, bottom = phase == shuffle - 1 && next == size - 1;
                            CHECK(spans[i].filter == (top ? shuffle : bottom ? shuffle + 1 : phase));
                        }
                    }
                    CHECK(next == range.end);
                }
}
