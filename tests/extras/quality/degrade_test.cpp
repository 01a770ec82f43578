// Degradations have the statistics that their strengths promise, and the same draws give the same picture.
#include "extras/quality/degrade.h"

#include <cmath>

#include "tests/catch.h"

using namespace slimscale;
using base::Random;
using images::Image;
using quality::DegradationKind;

namespace {

Image plain(int width, int height, std::vector<uint8_t> color) {
    Image image;
    image.width = width;
    image.height = height;
    image.channels = static_cast<int>(color.size());
    for (int i = 0; i < width * height; i++)
        image.samples.insert(image.samples.end(), color.begin(), color.end());
    return image;
}

// Red and blue squares of one pixel, whose color detail is lost where chroma is halved.
Image colored_board() {
    Image image = plain(32, 32, {0, 0, 0});
    for (size_t i = 0; i < 32 * 32; i++)
        image.samples[3 * i + ((i % 32 + i / 32) % 2 == 0 ? 0 : 2)] = 200;
    return image;
}

Image degraded(const Image &image, const std::string &how, uint64_t seed = 1) {
    const auto list = quality::parse_degradations(how);
    REQUIRE(list.error() == "");
    Random random(seed, 1, 0);
    const auto result = quality::degrade(image, *list, random);
    REQUIRE(result.error() == "");
    return *result;
}

struct Moments {
    double mean = 0, variance = 0;
};

template <typename Values>
Moments moments(const Values &values) {
    Moments m;
    for (const auto value : values)
        m.mean += static_cast<double>(value) / static_cast<double>(values.size());
    for (const auto value : values)
        m.variance += (static_cast<double>(value) - m.mean) * (static_cast<double>(value) - m.mean) /
                      static_cast<double>(values.size());
    return m;
}

double mean_difference(const Image &a, const Image &b) {
    REQUIRE(a.samples.size() == b.samples.size());
    double sum = 0;
    for (size_t i = 0; i < a.samples.size(); i++)
        sum += std::abs(a.samples[i] - b.samples[i]);
    return sum / static_cast<double>(a.samples.size());
}

}  // namespace

TEST_CASE("Poisson and normal numbers have their mean and variance") {
    constexpr int kDraws = 40000;
    for (const double mean : {0.0, 0.3, 4.0, 9.9, 10.1, 40.0, 1000.0, 1e5}) {
        CAPTURE(mean);
        Random random(3, 1, 0);
        std::vector<double> draws;
        draws.reserve(kDraws);
        for (int i = 0; i < kDraws; i++)
            draws.push_back(static_cast<double>(random.poisson(mean)));
        const Moments m = moments(draws);
        CHECK(m.mean == Approx(mean).margin(5 * std::sqrt(mean / kDraws)));
        CHECK(m.variance == Approx(mean).epsilon(0.06).margin(1e-12));
    }
    Random random(3, 2, 0);
    std::vector<double> draws;
    draws.reserve(kDraws);
    for (int i = 0; i < kDraws; i++)
        draws.push_back(random.normal());
    CHECK(moments(draws).mean == Approx(0).margin(0.025));
    CHECK(moments(draws).variance == Approx(1).margin(0.03));
}

TEST_CASE("noise has its deviation, shot noise the variance of its photons") {
    const Image gray = plain(128, 128, {100, 100, 100});
    const Moments white = moments(degraded(gray, "noise=7").samples);
    CHECK(white.mean == Approx(100).margin(0.2));
    CHECK(white.variance == Approx(49 + 1.0 / 12).epsilon(0.03));  // with the variance of rounding
    const Moments shot = moments(degraded(gray, "poisson=500").samples);
    CHECK(shot.mean == Approx(100).margin(0.2));
    CHECK(shot.variance == Approx(100 * 255.0 / 500 + 1.0 / 12).epsilon(0.03));
    CHECK(moments(degraded(plain(32, 32, {0}), "poisson=500").samples).variance == 0);  // no light, no noise
}

TEST_CASE("blur spreads a point by its deviation and keeps its sum") {
    Image point = plain(41, 41, {0});
    point.samples[20 * 41 + 20] = 255;
    const Image blurred = degraded(point, "blur=1.5");
    double sum = 0, spread_x = 0, spread_y = 0;
    for (int y = 0; y < 41; y++)
        for (int x = 0; x < 41; x++) {
            const int at = y * 41 + x;
            const double value = blurred.samples[static_cast<size_t>(at)];
            sum += value;
            spread_x += value * (x - 20) * (x - 20);
            spread_y += value * (y - 20) * (y - 20);
        }
    CHECK(sum == Approx(255).epsilon(0.05));  // rounding to 8 bits
    CHECK(std::sqrt(spread_x / sum) == Approx(1.5).epsilon(0.06));
    CHECK(std::sqrt(spread_y / sum) == Approx(1.5).epsilon(0.06));
    CHECK(degraded(plain(9, 5, {10, 20, 30}), "blur=2").samples == plain(9, 5, {10, 20, 30}).samples);
}

TEST_CASE("JPEG loses more at lower quality, and color where chroma is halved") {
    const Image board = colored_board();
    const double fine = mean_difference(board, degraded(board, "jpeg444=95")),
                 coarse = mean_difference(board, degraded(board, "jpeg444=20"));
    CHECK(fine > 0);
    CHECK(coarse > 2 * fine);
    CHECK(mean_difference(board, degraded(board, "jpeg420=95")) > 5 * fine);
    bool halved = false, whole = false;  // "jpeg" is either
    for (uint64_t seed = 0; seed < 16; seed++) {
        const double lost = mean_difference(board, degraded(board, "jpeg=95", seed));
        halved = halved || lost > 5 * fine;
        whole = whole || lost < 2 * fine;
    }
    CHECK((halved && whole));
    CHECK(degraded(plain(5, 3, {80}), "jpeg=75").channels == 1);
}

TEST_CASE("draws decide: the same give the same picture, others another") {
    const Image board = colored_board();
    CHECK(degraded(board, "photo", 4).samples == degraded(board, "photo", 4).samples);
    CHECK(degraded(board, "photo", 4).samples != degraded(board, "photo", 5).samples);
}

TEST_CASE("a share of the pictures, in either order") {
    const Image gray = plain(16, 16, {100});
    int touched = 0;
    for (uint64_t seed = 0; seed < 400; seed++)
        touched += degraded(gray, "noise=9:0.25", seed).samples != gray.samples;
    CHECK(touched == Approx(100).margin(35));
    // Blur after noise leaves less noise than noise after blur.
    double least = 1e9, most = 0;
    for (uint64_t seed = 0; seed < 16; seed++) {
        const double variance = moments(degraded(plain(64, 64, {128}), "noise=20,blur=2", seed).samples).variance;
        least = std::min(least, variance);
        most = std::max(most, variance);
    }
    CHECK(most > 350);
    CHECK(least < 50);
}

TEST_CASE("degradations as text") {
    const auto list = quality::parse_degradations("blur=0.2-1:0.4,jpeg=75");
    REQUIRE(list);
    REQUIRE(list->size() == 2);
    CHECK((*list)[0].kind == DegradationKind::blur);
    CHECK((*list)[0].low == 0.2);
    CHECK((*list)[0].high == 1);
    CHECK((*list)[0].share == 0.4);
    CHECK((*list)[1].kind == DegradationKind::jpeg);
    CHECK((*list)[1].low == 75);
    CHECK((*list)[1].high == 75);
    CHECK((*list)[1].share == 1);
    CHECK(quality::parse_degradations("photo")->size() == 4);
    for (const char *wrong :
         {"", "jpeg", "jpeg=", "jpeg=x", "jpeg=75-", "jpeg=0", "jpeg=80-60", "noise=300", "poisson=0", "blur=-1",
          "blur=1:2", "blur=1:", "fog=3", "photo,jpeg=5", "jpeg=75,", "noise=nan", "noise=inf"})
        CHECK(quality::parse_degradations(wrong).error() != "");
}
