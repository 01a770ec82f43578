// RCAN's channel attention, block by block, against plain loops: row sums, squeeze-and-excitation, and the product with
// the factors.
#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;
using Halide::Runtime::Buffer;

TEST_CASE("row_sum adds the frame's columns only", "[attention]") {
    for (const TestTarget &target : targets()) {
        for (int channels : {8, 16, 24, 48, 64}) {
            for (int width : {1, 5, 37}) {
                CAPTURE(target.name, channels, width);
                const Frame frame{channels, width, 9, 3};
                RingTensor input(frame, 9, 4, 0);
                Buffer<float, 2> sums(channels, 5);
                call("row_sum_" + std::to_string(channels), target, Activations{input.buffer()}, input.base, input.ring,
                     /*row0=*/3, width, sums);
                for (int y = 0; y < 5; y++) {
                    for (int c = 0; c < channels; c++) {
                        double want = 0;
                        for (int x = 0; x < width; x++)
                            want += frame.at(c, x, y + 3);
                        REQUIRE(sums(c, y) == Approx(want).margin(1e-5));
                    }
                }
            }
        }
    }
}

TEST_CASE("squeeze_excite turns sums into factors", "[attention]") {
    for (const TestTarget &target : targets()) {
        for (const auto &[channels, squeezed] : {std::pair{16, 1}, {24, 3}, {64, 4}, {256, 16}, {320, 20}}) {
            CAPTURE(target.name, channels, squeezed);
            constexpr int kRows = 7, kPixels = 70;
            Buffer<float, 2> sums(channels, kRows);
            sums.for_each_element([&](int c, int y) { sums(c, y) = 10 * noise(5, c, y); });
            const Layer squeeze{channels, squeezed, 1, 7}, excite{squeezed, channels, 1, 9};
            auto filter1 = blocked_1x1(squeeze), filter2 = blocked_1x1(excite);
            auto bias1 = bias_buffer(squeeze), bias2 = bias_buffer(excite);
            Buffer<float, 1> factors(channels);
            call("squeeze_excite_" + std::to_string(channels) + "_" + std::to_string(squeezed), target, sums, kPixels,
                 filter1, bias1, filter2, bias2, factors);

            std::vector<double> hidden(static_cast<size_t>(squeezed));
            for (int s = 0; s < squeezed; s++) {
                double sum = squeeze.bias(s);
                for (int c = 0; c < channels; c++)
                    for (int y = 0; y < kRows; y++)
                        sum += static_cast<double>(squeeze.weight(s, c, 0, 0)) * sums(c, y) / kPixels;
                hidden[static_cast<size_t>(s)] = std::max(0., sum);
            }
            for (int c = 0; c < channels; c++) {
                double sum = excite.bias(c);
                for (int s = 0; s < squeezed; s++)
                    sum += static_cast<double>(excite.weight(c, s, 0, 0)) * hidden[static_cast<size_t>(s)];
                REQUIRE(factors(c) == Approx(1 / (1 + std::exp(-sum))).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("attend scales and adds", "[attention]") {
    for (const TestTarget &target : targets()) {
        for (int channels : {8, 16, 24, 48}) {
            for (int width : {1, 3, 5, 17, 37}) {
                CAPTURE(target.name, channels, width);
                const Frame frame{channels, width, 10, 3}, addend{channels, width, 10, 4};
                RingTensor input(frame, 10, 6, 0), add(addend, 12, -7, 0);
                Buffer<float, 1> factor(channels);
                factor.for_each_element([&](int c) { factor(c) = noise(8, c); });
                OutputView output(channels, target.columns(width), 8);
                call("attend_" + std::to_string(channels), target, Activations{input.buffer()}, input.base, input.ring,
                     factor, Activations{add.buffer()}, add.base, add.ring, /*row0=*/1, Activations{output.buffer()});
                const auto expected = [&](int c, int x, int y) {
                    return frame.at(c, x, y + 1) * factor(c) + addend.at(c, x, y + 1);
                };
                CHECK(difference(output, expected, channels, width, 0, 7, target.tolerance()) == "");
                CHECK(output.guards_intact());
            }
        }
    }
}

}  // namespace
