// Evaluations run networks in floats and round afterwards, while users get the library's 8 bits. Both are the same
// picture for every small compiled network, except where float arithmetic itself is undecided.
#include <cmath>

#include "extras/images/channels.h"
#include "extras/quality/planes.h"
#include "host/models.h"
#include "host/subjects.h"
#include "host/upscaler.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale;
using namespace slimscale::host;

namespace {

// The two paths scale and subtract the mean in different orders, which makes a few roundings of floats below 256
// (1.5e-5 each) before and after the network. A collapsed tail sums 16 products per channel at once.
constexpr float kUndecided = 2e-4f;

// The distance of a value to the nearest border between two 8-bit values.
float to_border(float value) {
    return std::abs(value - std::floor(value) - 0.5f);
}

struct Difference {
    size_t samples = 0, unexplained = 0;
};

Difference compare(const images::Image &bytes, const quality::Planes &floats) {
    const images::Image rounded = quality::to_image(floats);
    REQUIRE(rounded.samples.size() == bytes.samples.size());
    Difference found;
    const size_t channels = static_cast<size_t>(bytes.channels);
    for (size_t i = 0; i < bytes.samples.size(); i++) {
        if (rounded.samples[i] == bytes.samples[i])
            continue;
        found.samples++;
        const float value = floats.values[i % channels * floats.plane_size() + i / channels];
        const bool neighbors = std::abs(rounded.samples[i] - bytes.samples[i]) == 1;
        found.unexplained += !neighbors || to_border(value) > kUndecided;
    }
    return found;
}

}  // namespace

TEST_CASE("rounded floats are the 8-bit path's bytes") {
    constexpr int kWidth = 61, kHeight = 47;
    size_t samples = 0, different = 0;
    for (const Model &model : compiled_models()) {
        const std::vector<int> widths = model.usable_widths(/*allow_untrained=*/false);
        CAPTURE(model.name);
        REQUIRE_FALSE(widths.empty());
        Upscaler upscaler;
        HandleOptions options;
        options.widths = widths;
        REQUIRE(upscaler.open(model, options).error() == "");
        const images::Image image = images::noise_image(kWidth, kHeight, model.colors, 8);
        for (int width : widths) {
            CAPTURE(width);
            slimscale_request request = SLIMSCALE_REQUEST_INIT;
            request.channels = width;
            slimscale_report report = SLIMSCALE_REPORT_INIT;
            images::Image bytes;
            quality::Planes floats;
            REQUIRE(upscaler.upscale(image, request, bytes, report).error() == "");
            REQUIRE(upscaler.upscale(quality::to_planes(image), width, floats).error() == "");
            const Difference found = compare(bytes, floats);
            CHECK(found.unexplained == 0);
            samples += bytes.samples.size();
            different += found.samples;
        }
    }
    INFO(different << " of " << samples << " samples differ");
    CHECK(different * 10000 < samples);
}

TEST_CASE("floats are not rounded, and a plan is made for each size") {
    const std::vector<Model> models = compiled_models();
    const Model &model = models.at(0);
    Upscaler upscaler;
    HandleOptions options;
    options.widths = {model.usable_widths(false).back()};
    REQUIRE(upscaler.open(model, options).error() == "");
    for (const auto &[width, height] : {std::pair{20, 12}, {12, 20}, {12, 20}}) {
        quality::Planes large;
        const images::Image image = images::noise_image(width, height, model.colors, 8);
        REQUIRE(upscaler.upscale(quality::to_planes(image), options.widths[0], large).error() == "");
        CHECK(large.width == width * model.scale);
        CHECK(large.height == height * model.scale);
        size_t fractions = 0;
        for (float value : large.values)
            fractions += value != std::floor(value);
        CHECK(fractions > large.values.size() / 2);
    }
    quality::Planes large;
    CHECK(upscaler.upscale(quality::to_planes(images::noise_image(8, 8, model.colors, 8)), 8888, large).error() != "");
}

TEST_CASE("an opened model is a subject per width, with target and threads") {
    Model model = compiled_models().at(0);
    Upscaler upscaler;
    HandleOptions options;
    options.widths = model.usable_widths(false);
    options.threads = 1;
    REQUIRE(upscaler.open(model, options).error() == "");
    const std::vector<quality::Subject> subjects = subjects_of(upscaler, "mine");
    REQUIRE(subjects.size() == options.widths.size());
    const quality::Planes small = quality::to_planes(images::noise_image(20, 12, model.colors, 8));
    for (size_t i = 0; i < subjects.size(); i++) {
        const quality::SubjectName &name = subjects[i].name;
        CHECK(name.name == "mine");
        CHECK(name.engine == "compiled");
        CHECK(name.channels == options.widths[i]);
        CHECK(name.setting == slimscale_target(upscaler.handle()) + std::string(", 1 thread"));
        quality::Planes ours, direct;
        REQUIRE(subjects[i].upscale(small, ours).error() == "");
        REQUIRE(upscaler.upscale(small, name.channels, direct).error() == "");
        CHECK(ours.values == direct.values);
    }
}
