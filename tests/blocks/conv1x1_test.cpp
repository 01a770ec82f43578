// The 1x1 convolution over 1 to 4 concatenated tensors against plain loops.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

#include "contract/winograd.h"
#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

constexpr int kSegmentGap = 8;  // filter inputs between segments, which a narrow width leaves out

struct Case {
    int cin, cout, segments, width;
    bool add = false;
    int height = 11, row0 = 0;
    float output_min = 0;
    Layer layer{(cin + kSegmentGap) * segments, cout, 1};
    Frame addend{cout, width, height, 90};

    Frame frame(int segment) const { return {cin, width, height, 10 + static_cast<uint32_t>(segment)}; }
    std::string name() const {
        return std::string("conv1x1_") + (add ? "add_" : "") + std::to_string(cin) + "_" + std::to_string(cout) + "_n" +
               std::to_string(segments);
    }
    double expected(int c, int x, int y) const {
        double sum = layer.bias(c) + (add ? addend.at(c, x, y + row0) : 0);
        for (int s = 0; s < segments; s++)
            sum += layer.at(frame(s), c, x, y + row0, s * (cin + kSegmentGap));
        return std::max<double>(sum, output_min);
    }
};

using Rings = std::vector<std::unique_ptr<RingTensor>>;

std::tuple<Activations, int &, int &> ring_input(RingTensor &ring) {
    return {Activations{ring.buffer()}, ring.base, ring.ring};
}

// `scales` are `input_scale` and `output_scale` in fixed point, and otherwise none.
template <typename Filter, typename... Scales, size_t... Segment>
void call_with(const Case &t, const TestTarget &target, Rings &rings, int row0, Buffer3 output,
               std::index_sequence<Segment...>, Filter &filter, Scales &...scales) {
    auto bias = bias_buffer(t.layer);
    auto inputs = std::tuple_cat(ring_input(*rings[Segment])...);
    const int segment_stride = t.cin + kSegmentGap;
    RingTensor addend(t.addend, 16, 5, row0);
    const auto run = [&](auto &...in) {
        if (t.add) {
            call(t.name(), target, in..., row0, filter, segment_stride, bias, t.output_min, scales...,
                 Activations{addend.buffer()}, addend.base, addend.ring, Activations{output});
        } else {
            call(t.name(), target, in..., row0, filter, segment_stride, bias, t.output_min, scales...,
                 Activations{output});
        }
    };
    std::apply(run, inputs);
}

template <typename... Weights>
void run_with(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call, Weights &...weights) {
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Rings rings;
        for (int s = 0; s < t.segments; s++) {
            rings.push_back(
                std::make_unique<RingTensor>(t.frame(s), 12 + s, 7 * s - 11, t.row0 + row, s % 2 * 8, t.cin + 8));
        }
        Buffer3 part = output.rows(row, rows_per_call);
        switch (t.segments) {
        case 1:
            call_with(t, target, rings, t.row0 + row, part, std::make_index_sequence<1>(), weights...);
            break;
        case 2:
            call_with(t, target, rings, t.row0 + row, part, std::make_index_sequence<2>(), weights...);
            break;
        case 3:
            call_with(t, target, rings, t.row0 + row, part, std::make_index_sequence<3>(), weights...);
            break;
        case 4:
            call_with(t, target, rings, t.row0 + row, part, std::make_index_sequence<4>(), weights...);
            break;
        }
    }
}

void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    auto filter = blocked_1x1(t.layer);
    run_with(t, target, output, rows_per_call, filter);
}

void check(const Case &t, const TestTarget &target, int rows, OutputView::Strides strides = {}) {
    CAPTURE(t.name(), target.name, t.width, t.row0);
    OutputView output(t.cout, target.columns(t.width), rows, strides);
    run(t, target, output, rows);
    const int first = std::max(0, -t.row0), last = std::min(rows, t.height - t.row0) - 1;
    CHECK(difference(
              output, [&](int c, int x, int y) { return t.expected(c, x, y); }, t.cout, t.width, first, last,
              target.tolerance()) == "");
    CHECK(output.guards_intact());
}

TEST_CASE("conv1x1 over 1 to 4 segments", "[conv1x1]") {
    for (const TestTarget &target : targets()) {
        for (int segments : {1, 2, 3, 4})
            check({16, 16, segments, 13}, target, 4);
        for (int channels : {8, 24, 48})
            check({channels, channels, 2, 5}, target, 4);
        check({24, 48, 1, 6}, target, 4);
    }
}

TEST_CASE("conv1x1 at awkward widths and rows", "[conv1x1]") {
    for (const TestTarget &target : targets()) {
        for (int width : {1, 2, 3, 4, 5, 37, 129}) {
            for (int row0 : {-3, 0, 6}) {
                Case t{16, 16, 2, width};
                t.row0 = row0;
                check(t, target, 8);
            }
        }
    }
}

TEST_CASE("conv1x1 adds before output_min, into strided views", "[conv1x1]") {
    for (const TestTarget &target : targets()) {
        for (float output_min : {0.f, -std::numeric_limits<float>::infinity()}) {
            Case t{16, 16, 1, 13, true};
            t.output_min = output_min;
            check(t, target, 8, {2, 2, 1, 0, 0, 0});
            check(t, target, 8, {1, 1, 0, 0, 16, 40});
        }
    }
}

TEST_CASE("conv1x1 gives the same bytes in bands", "[conv1x1]") {
    for (const TestTarget &target : targets()) {
        Case t{16, 16, 2, 37};
        OutputView whole(16, target.columns(t.width), 8), bands(16, target.columns(t.width), 8);
        run(t, target, whole, 8);
        run(t, target, bands, 4);
        CHECK(byte_difference(whole, bands, 16, 37, 8) == "");
    }
}

void check_blockings(const Case &t, size_t count) {
    for (const TestTarget &target : fast_targets()) {
        for (const TestTarget &blocked : with_blockings(target, t.name(), count)) {
            CAPTURE(blocked.blocking);
            check(t, blocked, 8);
        }
    }
}

TEST_CASE("conv1x1 agrees however it is blocked", "[conv1x1]") {
    check_blockings({16, 16, 2, 13, true}, 2);
}

TEST_CASE("conv1x1 agrees however it is blocked, at length", "[.extended]") {
    for (int channels : {8, 24, 48, 64})
        check_blockings({channels, channels, 2, 13}, 8);
}

// ---- Fixed point ----------------------------------------------------------------------------------------------------

constexpr float kInputScale = winograd::kQ16Limit;  // frames hold values in [-1, 1]

// The value of one unit of a sum, an input's unit times a filter's, which differs between outputs. Filters then have up
// to 16 bits, and sums less than 31.
float from_of(const Case &t, int o) {
    return std::sqrt(static_cast<float>(t.cin * t.segments)) * static_cast<float>(1 + o % 3) / (8e4f * kInputScale);
}

int weight_of(const Case &t, int o, int i) {
    return static_cast<int>(std::lround(t.layer.weight(o, i, 0, 0) / (from_of(t, o) * kInputScale)));
}

Halide::Runtime::Buffer<int16_t, 4> quantised(const Case &t) {
    Halide::Runtime::Buffer<int16_t, 4> filter(2, 16, t.layer.inputs / 2 + 1,
                                               (t.cout + 15) / 16);  // a gap behind blocks
    filter.fill(32767);
    for (int o = 0; o < t.cout; o++)
        for (int i = 0; i < t.layer.inputs; i++)
            filter(i % 2, o % 16, i / 2, o / 16) = static_cast<int16_t>(weight_of(t, o, i));
    filter.crop(2, 0, t.layer.inputs / 2);
    return filter;
}

// An output by plain loops over integers, which also check that no sum could overflow with inputs at their limit.
double integer_output(const Case &t, int c, int x, int y, float input_scale) {
    int64_t sum = 0, most = 0;
    for (int s = 0; s < t.segments; s++) {
        for (int i = 0; i < t.cin; i++) {
            const int weight = weight_of(t, c, s * (t.cin + kSegmentGap) + i);
            const float scaled =
                std::clamp(static_cast<float>(t.frame(s).at(i, x, y)) * input_scale, -kInputScale, kInputScale);
            sum += std::lrint(scaled) * weight;
            most += std::abs(weight) * winograd::kQ16Limit;
        }
    }
    REQUIRE(most <= std::numeric_limits<int32_t>::max());
    const double value = static_cast<double>(sum) * static_cast<double>(from_of(t, c)) +
                         static_cast<double>(t.layer.bias(c)) + (t.add ? static_cast<double>(t.addend.at(c, x, y)) : 0);
    return std::max<double>(value, t.output_min);
}

void run_quantised(const Case &t, const TestTarget &target, float input_scale, OutputView &output, int rows_per_call) {
    auto filter = quantised(t);
    Halide::Runtime::Buffer<float, 1> output_scale(t.cout);
    output_scale.for_each_element([&](int o) { output_scale(o) = from_of(t, o); });
    run_with(t, target, output, rows_per_call, filter, input_scale, output_scale);
}

// `excess` is the factor by which the largest inputs exceed their limit.
void check_quantised(int cin, int cout, int segments, int width, bool add, float excess = 1,
                     const std::vector<TestTarget> &targets = q16_targets()) {
    // An input halfway between two integers may go either way; 14 bits for inputs, 10 for filters of 256 inputs; f16.
    constexpr Tolerance kRoundings{2e-3, kHalfRounding}, kQuantised{2e-2, kHalfRounding};
    constexpr int kRows = 8;
    Case t{cin, cout, segments, width, add};
    t.output_min = add ? -std::numeric_limits<float>::infinity() : 0;
    for (const TestTarget &target : targets) {
        CAPTURE(t.name(), target.name, target.blocking, t.width);
        OutputView output(cout, target.columns(width), kRows), bands(cout, target.columns(width), kRows);
        run_quantised(t, target, kInputScale * excess, output, kRows);
        CHECK(output.guards_intact());
        const auto integer = [&](int c, int x, int y) { return integer_output(t, c, x, y, kInputScale * excess); };
        CHECK(difference(output, integer, cout, width, 0, kRows - 1, kRoundings) == "");
        const auto exact = [&](int c, int x, int y) { return t.expected(c, x, y); };
        if (excess <= 1)
            CHECK(difference(output, exact, cout, width, 0, kRows - 1, kQuantised) == "");
        run_quantised(t, target, kInputScale * excess, bands, 4);
        CHECK(byte_difference(output, bands, cout, width, kRows) == "");
    }
}

TEST_CASE("conv1x1 in fixed point over 1 to 4 segments at awkward widths", "[conv1x1]") {
    for (const int width : {1, 5, 37, 129})
        check_quantised(16, 16, 2, width, false);
    check_quantised(8, 8, 1, 13, false);
    check_quantised(24, 24, 3, 13, true);
    check_quantised(16, 48, 4, 9, true);
}

TEST_CASE("conv1x1 in fixed point limits inputs beyond its range", "[conv1x1]") {
    check_quantised(16, 16, 2, 13, false, 8);
}

TEST_CASE("conv1x1 in fixed point agrees however it is blocked", "[conv1x1]") {
    for (const TestTarget &target : q16_targets())
        check_quantised(16, 16, 2, 13, true, 1, with_blockings(target, "conv1x1_16_16_n2", 3));
}

TEST_CASE("conv1x1 in fixed point at more channel counts", "[.extended]") {
    check_quantised(32, 32, 4, 13, true);
    check_quantised(40, 40, 2, 13, false);
    check_quantised(64, 64, 4, 129, true);
    check_quantised(256, 256, 1, 13, false);
}

TEST_CASE("conv1x1 at more channel counts", "[.extended]") {
    for (const TestTarget &target : targets())
        for (int channels : {32, 40, 64, 72, 128, 256})
            check({channels, channels, channels == 64 ? 4 : 1, 13, true}, target, 4);
}

}  // namespace
