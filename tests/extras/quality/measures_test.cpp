// Resizing and metrics against measures_reference.py, an independent implementation in numpy.
#include <cmath>
#include <limits>

#include "catch.h"
#include "extras/quality/imresize.h"
#include "extras/quality/metrics.h"

using namespace slimscale::quality;

namespace {

std::vector<double> picture(int width, int height) {
    std::vector<double> values;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            values.push_back((37 * x + 91 * y + 13 * x * y) % 256);
    return values;
}

std::vector<uint8_t> to_8bit(const std::vector<double> &values) {
    return {values.begin(), values.end()};
}

void check_close(const std::vector<double> &values, const std::vector<double> &expected) {
    REQUIRE(values.size() >= expected.size());
    for (size_t i = 0; i < expected.size(); i++)
        CHECK(values[i] == Approx(expected[i]).margin(1e-6));
}

}  // namespace

TEST_CASE("Bicubic resizing in double") {
    const PictureShape shape{7, 5, 1};
    check_close(imresize(picture(7, 5), shape, 3, 2),
                {91.518963, 136.716838, 152.773387, 121.325981, 141.984038, 133.500770});
    check_close(imresize(picture(7, 5), shape, 14, 10),
                {-11.885742, -2.101807, 17.466064, 36.195312, 54.085938, 71.414062, 88.179688, 112.632812, 144.773438,
                 169.226562, 185.992188, 204.158936, 223.726807, 233.510742});
    check_close(imresize(picture(7, 5), shape, 7, 5), picture(7, 5));
}

TEST_CASE("Bicubic resizing in 8 bits rounds after each pass") {
    const PictureShape shape{7, 5, 1};
    const std::vector<uint8_t> input = to_8bit(picture(7, 5));
    CHECK(imresize(input, shape, 3, 2) == std::vector<uint8_t>{91, 137, 153, 121, 142, 134});
    CHECK(imresize(input, shape, 2, 4) ==
          std::vector<uint8_t>{58, 169, 161, 121, 127, 160, 116, 126});  // columns first
    std::vector<uint8_t> enlarged = imresize(input, shape, 14, 10);
    enlarged.resize(14);
    CHECK(enlarged == std::vector<uint8_t>{0, 5, 19, 35, 54, 71, 88, 113, 145, 169, 186, 204, 224, 233});
}

TEST_CASE("Channels and orders are independent") {
    constexpr int kWidth = 7, kHeight = 5, kChannels = 3;
    std::vector<double> planar, interleaved(kWidth * kHeight * kChannels);
    for (int c = 0; c < kChannels; c++)
        for (const double value : picture(kWidth, kHeight))
            planar.push_back(value * (c + 1));
    for (size_t i = 0; i < planar.size(); i++)
        interleaved[i % (kWidth * kHeight) * kChannels + i / (kWidth * kHeight)] = planar[i];
    const std::vector<double> one = imresize(picture(kWidth, kHeight), {kWidth, kHeight, 1}, 4, 3);
    const auto from_planar = imresize(planar, {kWidth, kHeight, kChannels, Order::planar}, 4, 3);
    const auto from_interleaved = imresize(interleaved, {kWidth, kHeight, kChannels, Order::interleaved}, 4, 3);
    REQUIRE(from_planar.size() == one.size() * kChannels);
    REQUIRE(from_interleaved.size() == one.size() * kChannels);
    for (size_t i = 0; i < one.size(); i++)
        for (size_t c = 0; c < kChannels; c++) {
            const double expected = one[i] * static_cast<double>(c + 1);
            CHECK(from_planar[c * one.size() + i] == Approx(expected));
            CHECK(from_interleaved[i * kChannels + c] == Approx(expected));
        }
}

TEST_CASE("Pictures of one pixel resize to a constant") {
    for (const Order order : {Order::planar, Order::interleaved}) {
        const std::vector<uint8_t> grown = imresize(std::vector<uint8_t>{10, 200, 255}, {1, 1, 3, order}, 2, 1);
        if (order == Order::planar)
            CHECK(grown == std::vector<uint8_t>{10, 10, 200, 200, 255, 255});
        else
            CHECK(grown == std::vector<uint8_t>{10, 200, 255, 10, 200, 255});
    }
    CHECK(imresize(std::vector<uint8_t>(12, 77), {4, 3, 1}, 1, 1) == std::vector<uint8_t>{77});
}

TEST_CASE("Luma of primaries and white") {
    const std::vector<double> y = luma({255, 0, 0, 0, 0, 0, 255, 255, 255, 10, 20, 30});
    REQUIRE(y.size() == 4);
    CHECK(y[0] == Approx(81.4812109375));
    CHECK(y[1] == Approx(16));
    CHECK(y[2] == Approx(235).margin(0.002));
    CHECK(y[3] == Approx(31.58765625));
}

TEST_CASE("PSNR and SSIM") {
    constexpr int kWidth = 18, kHeight = 16;
    const Plane a{kWidth, kHeight, picture(kWidth, kHeight)};
    Plane b = a;
    for (size_t i = 0; i < b.values.size(); i++)
        b.values[i] = std::fmin(255, std::fmax(0, b.values[i] + static_cast<double>(i % kWidth % 5) * 3 - 6));
    CHECK(psnr(a, b, 0) == Approx(35.76816088690951));
    CHECK(psnr(a, b, 2) == Approx(35.48431163168939));
    CHECK(ssim(a, b, 0) == Approx(0.9984995288486029).epsilon(1e-12));
    CHECK(ssim(a, b, 2) == Approx(0.9985483977117552).epsilon(1e-12));
    CHECK(psnr(a, a, 1) == std::numeric_limits<double>::infinity());
    CHECK(ssim(a, a, 1) == Approx(1));
    CHECK(decibels(mean_squared_error(a, b, 2)) == psnr(a, b, 2));
}

TEST_CASE("SSIM of a single window is its formula") {
    Plane a{11, 11, std::vector<double>(121, 100)}, b{11, 11, std::vector<double>(121, 120)};
    constexpr double kC1 = 0.01 * 255 * 0.01 * 255;  // of constant pictures only the term of the means is left
    CHECK(ssim(a, b, 0) == Approx((2 * 100 * 120 + kC1) / (100 * 100 + 120 * 120 + kC1)));
}
