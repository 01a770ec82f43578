// Compiled networks on devices against plain loops, at awkward sizes, in bands and as whole frames. One handle has all
// widths, so that switching between them is tested, too.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/catch.h"
#include "tests/devices/devices.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{1, 1}, {2, 5}, {13, 17}, {37, 19}};
constexpr int kBandRows[] = {-1, 8};

// On the 0..255 scale, for outputs with a standard deviation near 50, before rounding. f16 stores activations to 1 part
// in 2048: a few dozen roundings make some tenths, while a wrong border or slice makes tens.
double tolerance(const std::string &target) {
    return target.find("f16") == std::string::npos ? 0.01 : 0.3;
}

double worst(const reference::Volume &a, const reference::Volume &b) {
    return 255 * reference::max_difference(a, b);
}

// Checks every width at every size on one handle.
void check_target(const TestModel &m, const std::string &target, int band_rows) {
    const std::vector<int> widths(m.info.channels, m.info.channels + m.info.channels_length);
    const Handle s = open(m.model, {target, widths, 1, band_rows, true});
    for (const Size &size : kSizes) {
        if (slimscale_plan(s.get(), size.width, size.height) != SLIMSCALE_OK)
            throw std::runtime_error(slimscale_error(s.get()));
        const auto image = reference::random_image(m.info.colors, size.height, size.width, 7);
        for (const int width : widths) {
            INFO(m.info.name << " at " << width << " channels on " << target << ", " << size.width << " x "
                             << size.height << ", bands of " << band_rows);
            const auto want = reference::upscale(m.file.network, width, m.weights, image);
            const auto got = run(s.get(), width, m.info.scale, image);
            CHECK(worst(want, got) <= tolerance(target));
            CHECK(255 * reference::max_border_difference(want, got, 4) <= tolerance(target));
        }
    }
}

}  // namespace

TEST_CASE("networks on devices agree with plain loops") {
    for (const slimscale_model *model : all_models()) {
        const TestModel m = load(model);
        for (const std::string &target : device_targets(m.info, model))
            for (const int band_rows : kBandRows)
                check_target(m, target, band_rows);
    }
}

TEST_CASE("a check that can fail: another image and another width are seen on devices") {
    const TestModel m = load(model_named("golden_edsr_x2"));
    const auto image = reference::random_image(3, 9, 13, 7), other = reference::random_image(3, 9, 13, 8);
    const int widest = m.info.channels[m.info.channels_length - 1];
    const auto want = reference::upscale(m.file.network, widest, m.weights, image);
    for (const std::string &target : device_targets(m.info, m.model)) {
        CHECK(worst(want, upscale(m.model, {target, {}, 1, 0, true}, widest, 2, other)) > 10);
        CHECK(worst(want, upscale(m.model, {target, {}, 1, 0, true}, m.info.channels[0], 2, image)) > 10);
    }
}
