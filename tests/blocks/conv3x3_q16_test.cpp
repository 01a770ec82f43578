// The Winograd convolution in fixed point against plain loops over integers, and against the convolution itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "contract/winograd.h"
#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;
using Halide::Runtime::Buffer;
using winograd::kQ16Limit;
using Tile = std::array<std::array<double, 6>, 6>;  // [l][k]

constexpr int kRing = 24, kBase = 17, kFrameRows = 13;
constexpr double kScale = 1.2e8;  // of products; filters then have 12 bits, and sums less than 31
constexpr int16_t kOutsideBlock = 32767;
// An input whose scaled value lies halfway between two integers may be rounded either way, and outputs are f16.
constexpr Tolerance kRoundings{2e-3, kHalfRounding};
// Inputs have 14 bits and filters 12.
constexpr Tolerance kQuantised{6e-2, kHalfRounding};

// One convolution of one frame, and its scales.
struct Case {
    int cin, cout, width;
    bool add = false;
    double limit_share = 1;  // the share of the inputs' range that is kept; below 1 the largest inputs saturate
    Frame frame{cin, width, kFrameRows, 3};
    Frame addend{cout, width, kFrameRows, 4};
    Layer layer{cin, cout, 3};

    std::string name() const {
        return std::string("conv3x3_") + (add ? "add_" : "") + std::to_string(cin) + "_" + std::to_string(cout);
    }
    // From the largest value that a Winograd-domain element can have, since frames have values in [-1, 1].
    double input_scale(int k, int l) const {
        double x = 0, y = 0;
        for (int i = 0; i < 6; i++) {
            x += std::fabs(winograd::kBt[k][i]);
            y += std::fabs(winograd::kBt[l][i]);
        }
        return kQ16Limit / (x * y * limit_share);
    }
    // It differs between outputs. Sums grow with the square root of the number of inputs as their filters shrink.
    double output_scale(int o) const { return 4 * std::sqrt(cin) / (kScale * (1 + o % 3)); }

    int16_t weight(int o, int i, int k, int l) const {
        float g[3][3], u[6][6];
        for (int tap = 0; tap < 9; tap++)
            g[tap / 3][tap % 3] = layer.weight(o, i, tap / 3, tap % 3);
        winograd::transform_filter(g, u);
        const double gain = winograd::kQ16Gain[k] * winograd::kQ16Gain[l];
        return static_cast<int16_t>(std::lround(u[l][k] * gain / (output_scale(o) * input_scale(k, l))));
    }
};

Tile input_tile(const Case &t, int c, int tx, int ty) {
    Tile v{};
    for (int l = 0; l < 6; l++) {
        for (int k = 0; k < 6; k++) {
            for (int j = 0; j < 6; j++) {
                for (int i = 0; i < 6; i++) {
                    v[static_cast<size_t>(l)][static_cast<size_t>(k)] +=
                        winograd::kBt[l][j] * winograd::kBt[k][i] * t.frame.at(c, 4 * tx + i - 1, 4 * ty + j - 1);
                }
            }
        }
    }
    return v;
}

// All outputs by plain loops over integers: [(y * columns + x) * cout + o].
std::vector<double> integer_outputs(const Case &t, const Buffer<int16_t, 7> &filter, int columns, int rows) {
    std::vector<double> result(static_cast<size_t>(columns) * static_cast<size_t>(rows * t.cout));
    for (int ty = 0; ty < rows / 4; ty++) {
        for (int tx = 0; tx < columns / 4; tx++) {
            std::vector<Tile> inputs;
            inputs.reserve(static_cast<size_t>(t.cin));
            for (int i = 0; i < t.cin; i++)
                inputs.push_back(input_tile(t, i, tx, ty));
            for (int o = 0; o < t.cout; o++) {
                Tile m{};
                for (size_t l = 0; l < 6; l++) {
                    for (size_t k = 0; k < 6; k++) {
                        int64_t sum = 0;
                        for (int i = 0; i < t.cin; i++) {
                            const double scaled =
                                inputs[static_cast<size_t>(i)][l][k] *
                                static_cast<float>(t.input_scale(static_cast<int>(k), static_cast<int>(l)));
                            const int64_t v = std::lrint(std::clamp<double>(scaled, -kQ16Limit, kQ16Limit));
                            sum +=
                                v * filter(i % 2, o % 16, i / 2, static_cast<int>(k), static_cast<int>(l), o / 16, 0);
                        }
                        REQUIRE(std::abs(sum) <= std::numeric_limits<int32_t>::max());
                        m[l][k] = static_cast<double>(sum) * t.output_scale(o);
                    }
                }
                for (int q = 0; q < 4; q++) {
                    for (int p = 0; p < 4; p++) {
                        double value = t.layer.bias(o);
                        for (size_t l = 0; l < 6; l++) {
                            for (size_t k = 0; k < 6; k++) {
                                value += winograd::kAt[q][l] * winograd::kAt[p][k] * m[l][k] /
                                         (winograd::kQ16Gain[l] * winograd::kQ16Gain[k]);
                            }
                        }
                        const int at = ((4 * ty + q) * columns + 4 * tx + p) * t.cout + o;
                        result[static_cast<size_t>(at)] = value;
                    }
                }
            }
        }
    }
    return result;
}

Buffer<int16_t, 7> quantised(const Case &t) {
    // Blocks and Winograd-domain elements have a gap between them, as in the runtime.
    Buffer<int16_t, 7> filter(2, 16, t.cin / 2 + 1, 6, 6, (t.cout + 15) / 16, 1);
    filter.fill(kOutsideBlock);
    for (int o = 0; o < t.cout; o++) {
        for (int i = 0; i < t.cin; i++) {
            for (int l = 0; l < 6; l++)
                for (int k = 0; k < 6; k++)
                    filter(i % 2, o % 16, i / 2, k, l, o / 16, 0) = t.weight(o, i, k, l);
        }
    }
    filter.crop(2, 0, t.cin / 2);
    return filter;
}

void run(const Case &t, const TestTarget &target, Buffer<int16_t, 7> &filter, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, kBase, -1), addend(t.addend, kRing, kBase, 0);
    auto bias = bias_buffer({t.layer}, 1);
    Buffer<float, 2> input_scale(6, 6);
    input_scale.for_each_element([&](int k, int l) { input_scale(k, l) = static_cast<float>(t.input_scale(k, l)); });
    Buffer<float, 2> output_scale(t.cout, 1);
    output_scale.for_each_element([&](int o, int) { output_scale(o, 0) = static_cast<float>(t.output_scale(o)); });
    const float output_min = t.add ? -std::numeric_limits<float>::infinity() : 0;
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 rows = output.rows(row, rows_per_call);
        Buffer6 part = with_group_and_phase(rows);
        if (t.add) {
            call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, kFrameRows, row, filter, bias,
                 output_min, input_scale, output_scale, Activations{addend.buffer()}, addend.base, addend.ring,
                 Activations{part});
        } else {
            call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, kFrameRows, row, filter, bias,
                 output_min, input_scale, output_scale, Activations{part});
        }
    }
}

void check(const Case &t, const TestTarget &target) {
    constexpr int kRows = 12;
    CAPTURE(t.name(), target.name, t.width);
    const int columns = target.columns(t.width);
    auto filter = quantised(t);
    OutputView output(t.cout, columns, kRows), bands(t.cout, columns, kRows);
    run(t, target, filter, output, kRows);
    CHECK(output.guards_intact());

    const std::vector<double> integers = integer_outputs(t, filter, columns, kRows);
    const auto finished = [&](double value, int c, int x, int y) {
        return t.add ? value + t.addend.at(c, x, y) : std::max(value, 0.);
    };
    const auto expected = [&](int c, int x, int y) {
        const int at = (y * columns + x) * t.cout + c;
        return finished(integers[static_cast<size_t>(at)], c, x, y);
    };
    CHECK(difference(output, expected, t.cout, t.width, 0, kRows - 1, kRoundings) == "");
    if (t.limit_share >= 1) {
        const auto exact = [&](int c, int x, int y) {
            return finished(t.layer.at(t.frame, c, x, y) + t.layer.bias(c), c, x, y);
        };
        CHECK(difference(output, exact, t.cout, t.width, 0, kRows - 1, kQuantised) == "");
    }

    run(t, target, filter, bands, 4);
    CHECK(byte_difference(output, bands, t.cout, t.width, kRows) == "");
}

TEST_CASE("conv3x3 in fixed point at awkward widths", "[conv3x3_q16]") {
    for (const TestTarget &target : q16_targets()) {
        for (int width : {1, 5, 37, 129})
            check({16, 16, width}, target);
        check({8, 8, 13}, target);
        check({24, 24, 13}, target);
        check({16, 48, 13}, target);
        check({16, 16, 21, true}, target);
    }
}

TEST_CASE("conv3x3 in fixed point limits inputs beyond its range", "[conv3x3_q16]") {
    for (const TestTarget &target : q16_targets())
        check({16, 16, 29, false, 0.1}, target);
}

TEST_CASE("conv3x3 in fixed point gives the same bytes on every processor", "[conv3x3_q16]") {
    const Case t{16, 16, 61};
    auto filter = quantised(t);
    const int columns = naive_target().columns(t.width);
    OutputView first(t.cout, columns, 4);
    run(t, q16_targets().front(), filter, first, 4);
    for (const TestTarget &target : q16_targets()) {
        CAPTURE(target.name);
        OutputView output(t.cout, columns, 4);
        run(t, target, filter, output, 4);
        CHECK(difference(
                  output, [&](int c, int x, int y) { return first(c, x, y); }, t.cout, t.width, 0, 3, kRoundings) ==
              "");
    }
}

TEST_CASE("conv3x3 in fixed point at every other channel count", "[.extended]") {
    for (const TestTarget &target : q16_targets()) {
        for (int channels : {32, 40, 56, 64})
            check({channels, channels, 29}, target);
        check({64, 64, 203, true}, target);
    }
}

}  // namespace
