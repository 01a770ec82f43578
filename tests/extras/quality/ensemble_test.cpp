#include "extras/quality/ensemble.h"

#include <set>

#include "tests/catch.h"
#include "tests/extras/quality/subjects.h"

using namespace slimscale;
using namespace slimscale::quality;

namespace {

// 3x2 pixels, whose values all differ.
Planes small_planes(int channels) {
    Planes planes{3, 2, channels, {}};
    for (int i = 0; i < 6 * channels; i++)
        planes.values.push_back(static_cast<float>(10 * i * i));
    return planes;
}

// Size and values, which tell pictures apart.
std::vector<float> seen(const Planes &planes) {
    std::vector<float> all{static_cast<float>(planes.width), static_cast<float>(planes.height)};
    all.insert(all.end(), planes.values.begin(), planes.values.end());
    return all;
}

}  // namespace

TEST_CASE("the eight orientations differ, and each is undone") {
    for (int channels : {1, 3}) {
        const Planes planes = small_planes(channels);
        std::set<std::vector<float>> different;
        for (int orientation = 0; orientation < kOrientations; orientation++) {
            const Planes turned = oriented(planes, orientation);
            different.insert(seen(turned));
            CHECK(seen(restored(turned, orientation)) == seen(planes));
        }
        CHECK(different.size() == kOrientations);
    }
}

TEST_CASE("orientations are what they are called") {
    const Planes planes{3, 2, 1, {1, 2, 3, 4, 5, 6}};
    CHECK(oriented(planes, 1).values == std::vector<float>{3, 2, 1, 6, 5, 4});
    CHECK(oriented(planes, 2).values == std::vector<float>{4, 5, 6, 1, 2, 3});
    const Planes turned = oriented(planes, 4);
    CHECK(turned.width == 2);
    CHECK(turned.height == 3);
    CHECK(turned.values == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(oriented(planes, 5).values == std::vector<float>{3, 6, 2, 5, 1, 4});
}

TEST_CASE("the self-ensemble is EDSR-PyTorch's mean") {
    Planes small{3, 2, 1, {0, 37, 74, 91, 141, 191}}, upright, mean;
    REQUIRE(slanted(small, upright).ok());
    REQUIRE(self_ensemble(slanted, small, upright, mean).error() == "");
    CHECK(mean.width == 6);
    CHECK(mean.height == 4);
    const std::vector<float> expected{0.515625f,  0.453125f,  37.421875f,  37.421875f,  74.453125f,  74.515625f,
                                      0.484375f,  0.421875f,  37.390625f,  37.390625f,  74.421875f,  74.484375f,
                                      91.484375f, 91.421875f, 141.390625f, 141.390625f, 191.421875f, 191.484375f,
                                      91.515625f, 91.453125f, 141.421875f, 141.421875f, 191.453125f, 191.515625f};
    CHECK(mean.values == expected);
}

TEST_CASE("a failure in the ensemble is told, and so is a size that does not turn") {
    const Planes small = small_planes(3);
    Planes upright, mean;
    REQUIRE(nearest(small, upright).ok());
    const auto fails = [](const Planes &, Planes &) { return Error{"no memory"}; };
    CHECK(self_ensemble(fails, small, upright, mean).error() == "no memory");
    const auto fixed = [&](const Planes &, Planes &large) {
        large = upright;
        return Status();
    };
    CHECK(self_ensemble(fixed, small, upright, mean).error().find("another size") != std::string::npos);
}

TEST_CASE("planes and images hold the same picture, rounded half up and clamped") {
    const slimscale::images::Image image = reference_original(5, 3);
    const Planes planes = to_planes(image);
    CHECK(planes.values[1] == image.samples[3]);
    CHECK(to_image(planes).samples == image.samples);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(to_image({4, 2, 1, {-3, 0.49f, 0.5f, 254.5f, 300, nan, 127.5f, -0.0f}}).samples ==
          std::vector<uint8_t>{0, 0, 1, 255, 255, 0, 128, 0});
}
