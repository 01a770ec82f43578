// Targets of processors that store activations in 16 bits: the pipelines around their convolutions read and write what
// plain loops give, rounded. Convolutions have tests of their own, in fixed point and in AMX tiles.
#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;
using contract::DataType;

constexpr int kRing = 24, kBase = 17, kHeight = 9, kWidth = 13, kRows = 4, kChannels = 16;

// The targets that this machine runs; of bf16 without the feature that AMX's tiles take, as archives have these blocks.
std::vector<TestTarget> storing_targets() {
    std::vector<TestTarget> targets(q16_targets().begin() + 1, q16_targets().end());
    if (emulate_amx()) {
        targets.push_back({{contract::Device::cpu, contract::Isa::amx, DataType::bf16},
                           "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake-avx512_cannonlake-avx512_zen4",
                           contract::Schedule::fast});
    }
    return targets;
}

// Tensors of one target, and its rounding. All values of frames are numbers of f16, not of bf16.
struct Tensors {
    const TestTarget &target;
    Frame frame{kChannels, kWidth, kHeight, 3}, added{kChannels, kWidth, kHeight, 4}, colors{3, kWidth, kHeight, 5};
    RingTensor input{frame, kRing, kBase, -1}, addend{added, kRing, kBase, -1}, image{colors, kRing, kBase, -1};

    float rounded(double value) const { return rounded_to(target.stored(), value); }
    double at(int c, int x, int y) const { return rounded(frame.at(c, x, y)); }
    // Of outputs, which are sums in f32 before they are rounded.
    Tolerance stored() const { return {1e-4, target.stored() == DataType::f16 ? kHalfRounding : 1. / 256}; }
};

void compare(const OutputView &output, const Expected &expected, int channels, Tolerance tolerance) {
    CHECK(difference(output, expected, channels, kWidth, 0, kRows - 1, tolerance) == "");
    CHECK(output.guards_intact());
}

void check_attend(Tensors &t) {
    OutputView output(kChannels, 16, kRows);
    Halide::Runtime::Buffer<float, 1> factor(kChannels);
    factor.fill(1.f);
    call("attend_16", t.target, Activations{t.input.buffer()}, kBase, kRing, factor, Activations{t.addend.buffer()},
         kBase, kRing, 0, Activations{output.buffer()});
    const auto expected = [&](int c, int x, int y) {
        return t.rounded(t.at(c, x, y) + t.rounded(t.added.at(c, x, y)));
    };
    compare(output, expected, kChannels, {0, 0});
}

void check_head(Tensors &t) {
    const Layer layer{3, kChannels, 3};
    OutputView output(kChannels, 16, kRows);
    call("head_3_16", t.target, t.image.buffer(), kBase, kRing, kHeight, 0, blocked_3x3(layer), bias_buffer(layer),
         Activations{output.buffer()});
    const auto expected = [&](int c, int x, int y) { return layer.at(t.colors, c, x, y) + layer.bias(c); };
    compare(output, expected, kChannels, t.stored());
}

// Its output is the image, which is f32.
void check_tail(Tensors &t) {
    const Layer layer{kChannels, 3, 3};
    OutputView output(3, 16, kRows);
    call("tail_16_3", t.target, Activations{t.input.buffer()}, kBase, kRing, kHeight, 0, transposed(layer),
         bias_buffer(layer), output.buffer());
    const auto expected = [&](int c, int x, int y) {
        double sum = layer.bias(c);
        for (int i = 0; i < kChannels; i++)
            for (int tap = 0; tap < 9; tap++)
                sum += static_cast<double>(layer.weight(c, i, tap / 3, tap % 3)) *
                       t.at(i, x + tap % 3 - 1, y + tap / 3 - 1);
        return sum;
    };
    compare(output, expected, 3, {1e-4, 0});
}

void check_row_sum(Tensors &t) {
    Halide::Runtime::Buffer<float, 2> sums(kChannels, kRows);
    call("row_sum_16", t.target, Activations{t.input.buffer()}, kBase, kRing, 0, kWidth, sums);
    for (int y = 0; y < kRows; y++)
        for (int c = 0; c < kChannels; c++) {
            double sum = 0;
            for (int x = 0; x < kWidth; x++)
                sum += t.at(c, x, y);
            REQUIRE(sums(c, y) == Approx(sum).margin(1e-4));
        }
}

TEST_CASE("blocks around convolutions read and write activations of 16 bits", "[stored]") {
    for (const TestTarget &target : storing_targets()) {
        CAPTURE(target.name);
        Tensors t{target};
        check_attend(t);
        check_head(t);
        check_tail(t);
        check_row_sum(t);
    }
}

}  // namespace
