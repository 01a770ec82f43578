// The compiled networks against LibTorch, so that the network that was trained is the one that runs.
#include <torch/torch.h>  // before Catch2: both define CHECK

#include "tests/catch.h"
#include "tests/golden/compiled.h"
#include "tests/golden/golden_files.h"
#include "tests/reference/random.h"
#include "tests/trainer/torch_volume.h"

using namespace slimscale;

namespace {

// On the 0..255 scale, for outputs with a standard deviation near 50. Rounding in f32 on both sides makes a few 1e-4; a
// wrong row or filter makes 1 or more.
constexpr double kTolerance = 0.01;
constexpr int kBorder = 4;  // the outermost pixels are also checked alone, since engines differ in padding

struct Size {
    int width, height;
};
// One pixel, primes, and sizes that are wider than a strip and no multiple of a tile.
constexpr Size kSizes[] = {{1, 1}, {7, 5}, {13, 31}, {67, 9}};

reference::Volume border(const reference::Volume &volume) {
    reference::Volume result = volume;
    for (int c = 0; c < volume.channels; c++)
        for (int y = kBorder; y < volume.height - kBorder; y++)
            for (int x = kBorder; x < volume.width - kBorder; x++)
                result.at(c, y, x) = 0;
    return result;
}

void check_case(const std::string &name) {
    const golden::Case c = golden::load_case(name);
    const auto file = weights::load_model(c.path);
    REQUIRE(file.ok());
    trainer::SlimNetwork network = trainer_tests::torch_network(*file);
    const slimscale_model *model = golden::compiled_model(name);
    REQUIRE(model != nullptr);
    const std::string target = golden::runnable_targets(model).front();
    for (const int channels : networks::widths(c.network))
        for (const Size &size : kSizes) {
            INFO(name << " " << channels << " " << target << " " << size.width << "x" << size.height);
            golden::Compiled compiled(model, target, channels, /*band_rows=*/0);
            const auto image = reference::random_image(c.network.colors, size.height, size.width, /*seed=*/11);
            const auto want = trainer_tests::upscale(network, channels, image), got = compiled.upscale(image);
            CHECK(255 * reference::max_difference(want, got) <= kTolerance);
            CHECK(255 * reference::max_difference(border(want), border(got)) <= kTolerance);
        }
}

}  // namespace

TEST_CASE("the compiled networks compute what LibTorch does, at every width") {
    for (const std::string &name : golden::case_names())
        check_case(name);
}
