// 3x3 convolutions of bytes in AMX tiles give exactly what plain loops over integers give; on processors without AMX
// the tile instructions are executed in software (tests/emulation/amx.h).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/blocks/compare.h"
#include "tests/blocks/conv3x3_case.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/blocks/tiles.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

constexpr int kRing = 24;
constexpr float kNoOutputMin = -std::numeric_limits<float>::infinity();
constexpr int kLargestByte = 255, kLargestWeight = 127;

// The target that archives have; null where this processor cannot run it, even in software.
const TestTarget *target_for_bytes() {
    const TestTarget *tiles = target_for_tiles();
    if (!tiles)
        return nullptr;
    static const TestTarget in_bytes{tiles->id.with(contract::DataType::int8), tiles->halide, tiles->schedule};
    return &in_bytes;
}

int quantised_weight(const Layer &layer, int o, int i, int tap) {
    return static_cast<int>(std::lround(kLargestWeight * noise(layer.seed, o, i, tap / 3, tap % 3)));
}

// The filter in rows of quads. It has more inputs than are read, as when a narrower width reads a wider one's filter.
Halide::Runtime::Buffer<int8_t, 3> in_quads(const Layer &layer) {
    const int chunks = layer.inputs / 64 + 2, blocks = round_up(layer.outputs, 16) / 16, rows = 144 * chunks + 1;
    Halide::Runtime::Buffer<int8_t, 3> filter(4, 16, rows * blocks);
    filter.fill(-kLargestWeight);
    for (int o = 0; o < layer.outputs; o++)
        for (int i = 0; i < 64 * chunks; i++)
            for (int tap = 0; tap < 9; tap++) {
                const int weight = i < layer.inputs ? quantised_weight(layer, o, i, tap) : kLargestWeight;
                filter(i % 4, o % 16, rows * (o / 16) + 16 * (tap + 9 * (i / 64)) + i % 64 / 4) =
                    static_cast<int8_t>(weight);
            }
    return filter;
}

struct Case : Conv3x3Case {
    int channel_total = 0;  // of the input's tensor, of which the convolution reads some; 0: it reads all
    // A power of two, so that products are exact however compilers fuse them. Frames have values in [-1, 1].
    float input_scale = 64;
    int input_zero = 100;

    float output_scale(int c) const { return std::ldexp(1.f, -15 - c % 3); }
    int byte(int i, int x, int y) const {
        const double scaled = double{rounded_bf16(frame.at(i, x, y))} * input_scale + input_zero;
        return static_cast<int>(std::clamp<double>(std::nearbyint(scaled), 0, kLargestByte));
    }
    int sum(int c, int x, int y) const {
        int all = 0;
        for (int i = 0; i < cin; i++)
            for (int tap = 0; tap < 9; tap++)
                all += byte(i, x + tap % 3 - 1, y + row0 + tap / 3 - 1) * quantised_weight(layer, c, i, tap);
        return all;
    }

    double expected(int c, int x, int y) const {
        float value = static_cast<float>(sum(c, x, y)) * output_scale(c) + layer.bias(c);
        if (add)
            value += rounded_bf16(addend.at(c, x, y + row0));
        return rounded_bf16(prelu ? layer.prelu(c, value) : std::max(value, output_min));
    }
    // Compilers may add the addend first and fuse the PReLU's multiplication, so that a value may be rounded to the
    // next.
    Tolerance tolerance() const { return add || prelu ? Tolerance{1e-4, 1. / 128} : Tolerance{0, 0}; }
};

Halide::Runtime::Buffer<float, 1> output_scales(const Case &t) {
    Halide::Runtime::Buffer<float, 1> scales(round_up(t.cout, 16));
    scales.fill(std::numeric_limits<float>::quiet_NaN());
    for (int c = 0; c < t.cout; c++)
        scales(c) = t.output_scale(c);
    return scales;
}

// Computes `output` in bands of `rows_per_call` rows.
void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1, 0, t.channel_total);
    RingTensor addend(t.addend, kRing + 3, t.base - 40, t.row0);
    auto filter = in_quads(t.layer);
    auto scales = output_scales(t);
    auto bias = bias_buffer(t.layer), slope = slope_buffer(t.layer);
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        Activations in{input.buffer()}, added{addend.buffer()}, out{part};
        const auto call_with = [&](auto bound) {
            if (t.add)
                call(t.name(), target, in, input.base, input.ring, t.height, t.row0 + row, filter, bias, t.input_scale,
                     t.input_zero, scales, bound, added, addend.base, addend.ring, out);
            else
                call(t.name(), target, in, input.base, input.ring, t.height, t.row0 + row, filter, bias, t.input_scale,
                     t.input_zero, scales, bound, out);
        };
        if (t.prelu)
            call_with(slope);
        else
            call_with(t.output_min);
        CHECK_FALSE(holds_tiles());  // a call leaves no configuration behind
    }
}

void check(const Case &t, int rows, OutputView::Strides strides = {}) {
    const TestTarget *target = target_for_bytes();
    if (!target)
        return;
    CAPTURE(t.name(), t.width, t.row0, t.base, rows);
    OutputView output(t.cout, round_up(t.width, 4), rows, strides);
    run(t, *target, output, rows);
    check_output(t, t.tolerance(), output, rows);
}

void check_bands(const Case &t) {
    const TestTarget *target = target_for_bytes();
    if (!target)
        return;
    CAPTURE(t.name(), t.width, t.row0);
    const int columns = round_up(t.width, 4);
    OutputView whole(t.cout, columns, 16), bands(t.cout, columns, 16);
    run(t, *target, whole, 16);
    run(t, *target, bands, 4);
    CHECK(byte_difference(whole, bands, t.cout, t.width, 16) == "");
}

TEST_CASE("conv3x3 of bytes at awkward widths", "[int8]") {
    for (int width : {1, 2, 3, 4, 5, 13, 17, 37, 63, 64, 65, 129, 150})
        check({16, 16, width}, 4);
}

TEST_CASE("conv3x3 of bytes at every kind of channel count", "[int8]") {
    for (int channels : {8, 24, 32, 40, 48, 64, 96, 128})
        check({channels, channels, 37}, 4);
    for (const auto &[cin, cout] : {std::pair{16, 48}, {32, 16}, {64, 16}, {8, 32}})
        check({cin, cout, 13}, 4);
}

TEST_CASE("conv3x3 of bytes finds its rows in the ring", "[int8]") {
    for (int base : {0, 17, -30})
        for (int row0 : {-3, 0, 9})
            for (bool add : {false, true}) {
                Case t{16, 16, 9};
                t.add = add, t.base = base, t.row0 = row0;
                check(t, 16);
            }
}

TEST_CASE("conv3x3 of bytes adds before output_min, or ends in a PReLU", "[int8]") {
    for (bool add : {false, true}) {
        Case plain{32, 32, 21};
        plain.add = add, plain.output_min = kNoOutputMin;
        check(plain, 8);
        Case prelu{16, 16, 21};
        prelu.add = add, prelu.prelu = true;
        check(prelu, 8);
    }
}

TEST_CASE("conv3x3 of bytes reads and writes strided views and nothing else", "[int8]") {
    check({16, 16, 13}, 8, {2, 2, 1, 1, 0, 0});
    check({16, 16, 13}, 8, {1, 1, 0, 0, 16, 48});
    check({24, 24, 13}, 4, {2, 2, 1, 1, 0, 0});
    Case group{16, 16, 37};
    group.channel_total = 64;
    check(group, 4);
}

TEST_CASE("conv3x3 of bytes gives the same bytes in bands", "[int8]") {
    for (int width : {5, 129})
        for (int channels : {16, 24, 64}) {
            Case t{channels, channels, width};
            t.row0 = -3, t.add = channels == 16;
            check_bands(t);
        }
}

TEST_CASE("conv3x3 of bytes gives the same bytes in every column", "[int8]") {
    constexpr int kPeriod = 28, kWidth = 300;  // every place of a tile and of a strip
    const TestTarget *target = target_for_bytes();
    if (!target)
        return;
    Case t{16, 16, kWidth};
    t.frame.period = kPeriod;
    OutputView output(t.cout, kWidth, 4);
    run(t, *target, output, 4);
    for (int x = kPeriod; x + kPeriod < kWidth - 4; x++)
        for (int c = 0; c < t.cout; c++)
            REQUIRE(output(c, x, 1) == output(c, x % kPeriod + kPeriod, 1));
}

TEST_CASE("conv3x3 of bytes limits what lies beyond its range to 0 and 255", "[int8]") {
    for (const int zero : {0, 17, 255}) {
        Case t{16, 16, 21};
        t.input_scale = 512, t.input_zero = zero;
        check(t, 4);
    }
    Case endless{32, 16, 13};  // infinities and what int32 cannot hold
    endless.input_scale = 3e38f, endless.input_zero = 3;
    check(endless, 4);
}

// Zeros around the frame are input_zero, which the bias takes away: a frame of zeros gives the bias alone everywhere.
TEST_CASE("conv3x3 of bytes pads with exact zeros", "[int8]") {
    for (const auto &[width, height] : {std::pair{1, 1}, {1, 7}, {9, 1}, {64, 2}})
        for (const int channels : {8, 40}) {
            Case t{channels, channels, width, height};
            t.output_min = kNoOutputMin;
            check(t, 4);
        }
}

TEST_CASE("conv3x3 of bytes uses each tile that it loads twice, in steps of up to 64 channels", "[int8]") {
    const TestTarget *target = target_for_bytes();
    if (!target)
        return;
    constexpr int kRows = 4;
    Case t{64, 64, 64};
    OutputView output(t.cout, t.width, kRows);
    const long before = emulated_instructions();
    run(t, *target, output, kRows);
    const long executed = emulated_instructions() - before;
    const long sums = 64 / 16 * (64 / 16) * kRows, products = sums * 9;
    if (executed > 0)  // else the processor has AMX itself
        CHECK(executed < 2 * products + 4 * sums);
}

}  // namespace
