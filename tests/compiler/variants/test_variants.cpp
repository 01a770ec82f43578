// Compares every row of the variant list, at every width and on each of its targets that this machine runs, with the
// plain loops.
#include "generators/variants.h"
#include "tests/catch.h"
#include "tests/compiler/variants/variant_file.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "weights/reference_weights.h"

#include <cstdio>
#include <sstream>
#include <stdexcept>

using namespace slimscale;
using generators::Variant;

extern "C" const slimscale_model *const slimscale_models[];

namespace {

struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{1, 1}, {7, 5}, {13, 9}};

bool in_q16(const std::string &target) {
    return target.find("q16") != std::string::npos;
}

// On the 0..255 scale, for outputs with a standard deviation near 50. Rounding in f32 makes 1e-4 or less, Winograd
// included; activations in f16 make tenths after a few dozen layers. Fixed point is as in tests/runtime/q16_test.cpp,
// on pictures.
double tolerance(const std::string &target) {
    if (in_q16(target))
        return 4.0;
    return target.find("f16") == std::string::npos ? 0.01 : 1.0;
}

template <class Item>
std::vector<Item> items(const char *text) {
    std::istringstream words(text);
    std::vector<Item> result;
    for (Item item; words >> item;)
        result.push_back(item);
    return result;
}

const slimscale_model *find_model(const std::string &name, slimscale_model_info &info, uint8_t storage[64]) {
    for (const slimscale_model *const *model = slimscale_models; *model; model++)
        if (slimscale_describe(*model, &info, storage) == SLIMSCALE_OK && info.name == name)
            return *model;
    throw std::runtime_error(name + " is not compiled in");
}

bool runs(const slimscale_model_info &info, const std::string &target) {
    for (int t = 0; t < info.target_count; t++)
        if (info.targets[t] == target)
            return info.runnable[t] != 0;
    throw std::runtime_error(info.name + (" is not compiled for " + target));
}

void check_variant(const Variant &variant) {
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    const slimscale_model *model = find_model(model_name(variant), info, storage);
    const weights::ModelFile file = load_file(variant);
    const reference::Weights weights = weights::reference_weights(file);
    for (int channels : items<int>(variant.channels))
        for (const Size &size : kSizes) {
            const bool calibrated = slimscale_has_ranges(model, channels) != 0;
            const auto noise = reference::random_image(variant.colors, size.height, size.width, /*seed=*/3);
            const auto soft = test::picture(variant.colors, size.height, size.width);
            const auto of_noise = reference::upscale(file.network, channels, weights, noise);
            const auto of_soft = calibrated ? reference::upscale(file.network, channels, weights, soft) : of_noise;
            for (const std::string &target : items<std::string>(variant.targets)) {
                INFO(info.name << " " << channels << " " << target << " " << size.width << "x" << size.height);
                const bool q16 = in_q16(target);
                if (!runs(info, target) || (q16 && !calibrated))
                    continue;
                const auto got =
                    test::upscale(model, {target, {channels}, 2, 0, true}, channels, variant.scale, q16 ? soft : noise);
                CHECK(255 * reference::max_difference(q16 ? of_soft : of_noise, got) <= tolerance(target));
            }
        }
}

}  // namespace

TEST_CASE("every row of the variant list computes what plain loops do") {
    for (const Variant &variant : generators::kVariants) {
        std::printf("%s: %s channels on %s\n", model_name(variant).c_str(), variant.channels, variant.targets);
        std::fflush(stdout);
        check_variant(variant);
    }
}
