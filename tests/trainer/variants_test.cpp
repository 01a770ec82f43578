// Every row of the variant list, at every width, on its best target in f32, against LibTorch: these are full-size
// networks, on frames for which plain loops are too slow.
#include <torch/torch.h>  // before Catch2: both define CHECK

#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>

#include "generators/variants.h"
#include "tests/catch.h"
#include "tests/compiler/variants/variant_file.h"
#include "tests/golden/compiled.h"
#include "tests/reference/random.h"
#include "tests/trainer/torch_volume.h"

using namespace slimscale;

namespace {

constexpr double kTolerance = 0.01;  // on the 0..255 scale, as in tests/trainer/compiled_test.cpp
constexpr int kWidth = 53, kHeight = 38;

std::string best_in_f32(const slimscale_model *model) {
    for (const std::string &target : golden::runnable_targets(model))
        if (target.find("q16") == std::string::npos)
            return target;
    throw std::runtime_error("no target in f32 runs here");
}

}  // namespace

TEST_CASE("every row of the variant list computes what LibTorch does") {
    for (const generators::Variant &variant : generators::kVariants) {
        std::printf("%s: %s channels\n", model_name(variant).c_str(), variant.channels);
        std::fflush(stdout);
        trainer::SlimNetwork network = trainer_tests::torch_network(load_file(variant));
        const slimscale_model *model = golden::compiled_model(model_name(variant));
        REQUIRE(model != nullptr);
        const auto image = reference::random_image(variant.colors, kHeight, kWidth, /*seed=*/5);
        std::istringstream widths(variant.channels);
        for (int channels; widths >> channels;) {
            INFO(model_name(variant) << " " << channels);
            golden::Compiled compiled(model, best_in_f32(model), channels, /*band_rows=*/0);
            CHECK(255 * reference::max_difference(trainer_tests::upscale(network, channels, image),
                                                  compiled.upscale(image)) <=
                  kTolerance);
        }
    }
}
