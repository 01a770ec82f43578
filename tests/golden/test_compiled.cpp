// The compiled networks, through the C API, against PyTorch's outputs, on every target that this machine runs, in bands
// and as whole frames.
#include "tests/golden/compare.h"
#include "tests/golden/compiled.h"

using namespace slimscale;

namespace {

// On the 0..255 scale, for outputs with a standard deviation near 50. Rounding in f32, Winograd included, makes up to
// 2e-4 (measured on AVX2); a wrong row at a band's edge or a wrong filter makes 1 or more.
constexpr double kF32Tolerance = 0.01;

constexpr int kBandRows[] = {0, 4, -1};  // the plan's choice, the narrowest, the whole frame

void check_target(const golden::Case &c, const slimscale_model *model, const std::string &target) {
    for (const golden::Sample &sample : c.samples) {
        // At full width the slicings agree; at narrower widths the archive has the one that its file records.
        if (sample.slicing != c.network.slicing && sample.channels != c.network.channels)
            continue;
        for (const int band_rows : kBandRows) {
            INFO(c.network.name << " " << target << " band_rows " << band_rows);
            golden::Compiled compiled(model, target, sample.channels, band_rows);
            const auto upscale = [&](const reference::Volume &image) { return compiled.upscale(image); };
            golden::check_sample(sample, kF32Tolerance, upscale);
        }
    }
}

}  // namespace

TEST_CASE("compiled networks compute what PyTorch does") {
    for (const std::string &name : golden::case_names()) {
        const golden::Case c = golden::load_case(name);
        const slimscale_model *model = golden::compiled_model(name);
        INFO(name);
        REQUIRE(model != nullptr);
        const std::vector<std::string> targets = golden::runnable_targets(model);
        REQUIRE(!targets.empty());
        for (const std::string &target : targets)
            check_target(c, model, target);
    }
}
