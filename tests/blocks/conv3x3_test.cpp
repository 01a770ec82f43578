// The Winograd convolution against plain loops: widths from one column to more than a strip, rows that wrap around the
// ring, rows above and below the frame, strided outputs, bands; groups and phases in one call.
#include <limits>

#include "tests/blocks/compare.h"
#include "tests/blocks/conv3x3_case.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

constexpr int kRing = 24;
constexpr float kNoOutputMin = -std::numeric_limits<float>::infinity();

struct Case : Conv3x3Case {
    double expected(int c, int x, int y) const {
        const double sum = layer.at(frame, c, x, y + row0) + layer.bias(c) + (add ? addend.at(c, x, y + row0) : 0);
        return prelu ? layer.prelu(c, sum) : std::max<double>(sum, output_min);
    }
};

// Computes `output` in bands of `rows_per_call` rows.
void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1);
    RingTensor addend(t.addend, kRing + 3, t.base - 40, t.row0);
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        const auto call_with = [&](auto &&filter, auto &&bias, auto &&out) {
            const auto finish_with = [&](auto &&bound) {
                if (t.add) {
                    call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, t.height, t.row0 + row,
                         filter, bias, bound, Activations{addend.buffer()}, addend.base, addend.ring, out);
                } else {
                    call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, t.height, t.row0 + row,
                         filter, bias, bound, out);
                }
            };
            if (t.prelu)
                finish_with(slope_buffer(t.layer));
            else
                finish_with(float(t.output_min));
        };
        if (target.on_gpu())
            call_with(blocked_3x3(t.layer, 32), bias_buffer(t.layer), Activations{part});
        else
            call_with(transformed({t.layer}, 1), bias_buffer({t.layer}, 1), with_group_and_phase(part));
    }
}

void check(const Case &t, const TestTarget &target, int rows, OutputView::Strides strides = {}) {
    CAPTURE(t.name(), target.name, t.width, t.row0, t.base, rows);
    OutputView output(t.cout, target.columns(t.width), rows, strides);
    run(t, target, output, rows);
    check_output(t, target.tolerance(), output, rows);
}

void check_bands(const Case &t, const TestTarget &target) {
    CAPTURE(t.name(), target.name, t.width, t.row0);
    const int columns = target.columns(t.width);
    OutputView whole(t.cout, columns, 16), bands(t.cout, columns, 16);
    run(t, target, whole, 16);
    run(t, target, bands, 4);
    CHECK(byte_difference(whole, bands, t.cout, t.width, 16) == "");
}

TEST_CASE("conv3x3 at awkward widths", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        for (int width : {1, 2, 3, 4, 5, 13, 17, 37, 129, 300})
            check({16, 16, width}, target, 4);
        for (int width : {1, 37}) {
            check({8, 8, width}, target, 4);
            check({24, 24, width}, target, 4);
            check({48, 48, width}, target, 8);
        }
        check({16, 48, 13}, target, 4);
    }
}

TEST_CASE("conv3x3 finds its rows in the ring", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        for (int base : {0, 17, -30}) {
            for (int row0 : {-3, 0, 9}) {
                for (bool add : {false, true}) {
                    Case t{16, 16, 9};
                    t.add = add, t.base = base, t.row0 = row0;
                    check(t, target, 16);
                }
            }
        }
    }
}

TEST_CASE("conv3x3 adds before output_min", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        for (float output_min : {0.f, kNoOutputMin}) {
            Case t{16, 16, 21};
            t.add = true, t.output_min = output_min;
            check(t, target, 8);
        }
    }
}

TEST_CASE("conv3x3 ends in a PReLU, after the addend", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        for (bool add : {false, true}) {
            for (int width : {1, 5, 13, 129}) {
                for (int channels : {16, 24}) {
                    Case t{channels, channels, width};
                    t.add = add, t.prelu = true;
                    check(t, target, 8);
                }
            }
            Case t{16, 16, 37};
            t.add = add, t.prelu = true;
            check_bands(t, target);
        }
    }
}

TEST_CASE("conv3x3 writes strided views and nothing else", "[conv3x3]") {
    const OutputView::Strides shuffle{2, 2, 1, 1, 0, 0}, group{1, 1, 0, 0, 16, 48};
    for (const TestTarget &target : targets()) {
        check({16, 16, 13}, target, 8, shuffle);
        check({16, 16, 13}, target, 8, group);
        check({24, 24, 13}, target, 4, shuffle);
    }
}

// A convolution of `groups` groups with a pixel shuffle behind it, all in one call. Each group reads and writes its own
// channels; each phase has its own filter.
struct Grouped {
    int channels, groups, shuffle, width;
    bool add = false;
    int height = 9, row0 = -1, rows = 12;  // rows: a multiple of 4

    int all() const { return groups * channels; }
    std::vector<Layer> layers() const {
        std::vector<Layer> result;
        const auto count = static_cast<uint32_t>(groups * shuffle * shuffle);
        result.reserve(count);
        for (uint32_t i = 0; i < count; i++)
            result.push_back({channels, channels, 3, 7 + 10 * i});
        return result;
    }
};

// A view of a whole image (c, x, y) with dimensions for groups and phases.
Buffer6 group_view(const Grouped &t, Buffer3 &image, int columns) {
    const int pixel = image.dim(1).stride(), row = image.dim(2).stride(), s = t.shuffle;
    halide_dimension_t shape[6] = {{0, t.channels, 1},        {0, columns, pixel * s}, {0, t.rows, row * s},
                                   {0, t.groups, t.channels}, {0, s, pixel},           {0, s, row}};
    return Buffer6(image.data(), 6, shape);
}

void check_groups(const Grouped &t, const TestTarget &target) {
    const std::string name =
        std::string("conv3x3_") + (t.add ? "add_" : "") + std::to_string(t.channels) + "_" + std::to_string(t.channels);
    CAPTURE(name, target.name, t.groups, t.shuffle, t.width);
    const Frame frame{t.all(), t.width, t.height, 3}, added{t.all(), t.width, t.height, 4};
    const std::vector<Layer> layers = t.layers();
    RingTensor input(frame, kRing, 17, t.row0 - 1), addend(added, kRing + 3, -23, t.row0);
    OutputView image(t.all(), target.columns(t.width) * t.shuffle, t.rows * t.shuffle);
    Buffer6 output = group_view(t, image.buffer(), target.columns(t.width));
    const auto filter = transformed(layers, t.groups);
    const auto bias = bias_buffer(layers, t.groups);
    if (t.add) {
        call_groups(t.groups, name, target, input.buffer(), input.base, input.ring, t.height, t.row0, filter, bias,
                    kNoOutputMin, addend.buffer(), addend.base, addend.ring, output);
    } else {
        call_groups(t.groups, name, target, input.buffer(), input.base, input.ring, t.height, t.row0, filter, bias,
                    kNoOutputMin, output);
    }
    const auto expected = [&](int c, int x, int y) {
        const int group = c / t.channels, u = x % t.shuffle, v = y % t.shuffle, row = y / t.shuffle + t.row0;
        const int number = (v * t.shuffle + u) * t.groups + group;
        const Layer &layer = layers[static_cast<size_t>(number)];
        const int o = c % t.channels;
        double sum = layer.bias(o) + (t.add ? added.at(c, x / t.shuffle, row) : 0);
        for (int i = 0; i < t.channels; i++) {
            for (int tap = 0; tap < 9; tap++) {
                sum += static_cast<double>(layer.weight(o, i, tap / 3, tap % 3)) *
                       frame.at(group * t.channels + i, x / t.shuffle + tap % 3 - 1, row + tap / 3 - 1);
            }
        }
        return sum;
    };
    const int first = t.add ? -t.row0 * t.shuffle : 0, last = (t.add ? t.height - t.row0 : t.rows) * t.shuffle - 1;
    CHECK(difference(image, expected, t.all(), t.width * t.shuffle, first, last) == "");
    CHECK(image.guards_intact());
}

TEST_CASE("conv3x3 computes all groups and phases in one call", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        if (target.on_gpu())
            continue;  // GPUs take a call per group and phase
        for (int width : {1, 13, 140}) {
            check_groups({16, 4, 1, width}, target);
            check_groups({16, 3, 2, width}, target);
        }
        check_groups({16, 2, 3, 9}, target);
        check_groups({24, 1, 2, 13}, target);
        check_groups({16, 2, 1, 13, true}, target);
        check_groups({48, 2, 2, 5}, target);
    }
}

TEST_CASE("conv3x3 gives the same bytes in bands", "[conv3x3]") {
    for (const TestTarget &target : targets()) {
        for (int width : {5, 129}) {
            for (int channels : {16, 24}) {
                Case t{channels, channels, width};
                t.row0 = -3, t.add = channels == 16;
                check_bands(t, target);
            }
        }
    }
}

TEST_CASE("conv3x3 gives the same bytes in every column", "[conv3x3]") {
    constexpr int kPeriod = 28, kWidth = 500;  // 7 tiles, which fall on every place of a register tile and a strip
    Case t{16, 16, kWidth};
    t.frame.period = kPeriod;
    for (const TestTarget &target : targets()) {
        CAPTURE(target.name);
        OutputView output(t.cout, kWidth, 4);
        run(t, target, output, 4);
        for (int x = kPeriod; x + kPeriod < kWidth - 4; x++)
            for (int c = 0; c < t.cout; c++)
                REQUIRE(output(c, x, 1) == output(c, x % kPeriod + kPeriod, 1));
    }
}

void check_blockings(int channels, size_t count) {
    for (const TestTarget &target : fast_targets()) {
        Case t{channels, channels, 37};
        Case wide{channels, channels, 300};  // more than the longest strip
        t.add = true;
        for (const TestTarget &blocked : with_blockings(target, t.name(), count)) {
            CAPTURE(blocked.blocking);
            check(t, blocked, 8);
            check_bands(wide, blocked);
        }
    }
}

TEST_CASE("conv3x3 agrees however it is blocked", "[conv3x3]") {
    check_blockings(16, 2);
    check_blockings(24, 2);
}

TEST_CASE("conv3x3 agrees however it is blocked, at length", "[.extended]") {
    for (int channels : {16, 24, 32, 48, 64, 96})
        check_blockings(channels, 8);
}

TEST_CASE("conv3x3 at 256 channels", "[conv3x3]") {
    for (const TestTarget &target : fast_targets())
        if (target.name == "avx2")
            check({256, 256, 37}, target, 4);
}

TEST_CASE("conv3x3 at every other channel count", "[.extended]") {
    for (const TestTarget &target : targets()) {
        for (int channels : {32, 40, 56, 64, 72, 88, 96, 128, 256})
            check({channels, channels, 29}, target, 4);
        Case t{64, 64, 203};
        t.add = true;
        check(t, target, 8);
        check_bands(t, target);
    }
}

}  // namespace
