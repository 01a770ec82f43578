// Compares every compiled network at every width, on the naive and the fast targets, with the plain-loop reference, at
// awkward sizes.
#include <algorithm>

#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

// On the 0..255 scale before rounding, for outputs with a standard deviation near 50. Rounding in f32 through a few
// dozen layers makes about 1e-4; a seam, a wrong border or a wrong slice makes 1 or more.
constexpr double kTolerance = 0.01;

struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{1, 1}, {2, 5}, {7, 3}, {13, 17}, {37, 19}, {130, 6}};

double worst(const reference::Volume &a, const reference::Volume &b) {
    return 255 * reference::max_difference(a, b);
}

}  // namespace

TEST_CASE("compiled networks agree with plain loops at every width, target and awkward size") {
    for (const slimscale_model *compiled : all_models()) {
        const TestModel m = load(compiled);
        for (int w = 0; w < m.info.channels_length; w++) {
            const int width = m.info.channels[w];
            for (const Size &size : kSizes) {
                const auto image = reference::random_image(m.info.colors, size.height, size.width, 7);
                const auto want = reference::upscale(m.file.network, width, m.weights, image);
                for (int t = 0; t < m.info.target_count; t++) {
                    if (!m.info.runnable[t])
                        continue;
                    INFO(m.info.name << " at " << width << " channels on " << m.info.targets[t] << ", " << size.width
                                     << " x " << size.height);
                    const auto got = upscale(compiled, {m.info.targets[t], {}, 2, 0, true}, width, m.info.scale, image);
                    CHECK(worst(want, got) <= kTolerance);
                    CHECK(255 * reference::max_border_difference(want, got, 4) <= kTolerance);
                }
            }
        }
    }
}

TEST_CASE("a check that can fail: another image, another width and a shifted image are seen") {
    const TestModel m = load(model_named("golden_edsr_x2"));
    const auto image = reference::random_image(3, 9, 13, 7), other = reference::random_image(3, 9, 13, 8);
    const int width = m.info.channels[m.info.channels_length - 1];
    const auto want = reference::upscale(m.file.network, width, m.weights, image);
    CHECK(worst(want, upscale(m.model, {}, width, 2, other)) > 100 * kTolerance);
    CHECK(worst(want, upscale(m.model, {}, m.info.channels[0], 2, image)) > 100 * kTolerance);
}
