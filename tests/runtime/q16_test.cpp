// Calibrated models in fixed point are near f32 on pictures, give the same bytes however they run, and are
// refused if the weights have no ranges.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "networks/reference/volume.h"
#include "slimscale/slimscale.h"
#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"
#include "weights/model_file.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale::test;
using reference::Volume;

namespace {

std::vector<std::string> q16_targets(const slimscale_model *model) {
    const slimscale_model_info info = describe(model);
    std::vector<std::string> names;
    for (int t = 0; t < info.target_count; t++)
        if (info.runnable[t] && std::strstr(info.targets[t], "_q16"))
            names.push_back(info.targets[t]);
    return names;
}

struct Difference {
    double largest = 0, rms = 0;  // on the 0..255 scale
};

Difference difference(const Volume &a, const Volume &b) {
    Difference d;
    for (size_t i = 0; i < a.data.size(); i++) {
        const double off = 255 * std::fabs(a.data[i] - b.data[i]);
        d.largest = std::max(d.largest, off);
        d.rms += off * off / static_cast<double>(a.data.size());
    }
    d.rms = std::sqrt(d.rms);
    return d;
}

}  // namespace

TEST_CASE("fixed point is near f32 at every width and awkward size") {
    // For a rounding to 14 bits in every layer; an overflow or a wrong scale makes tens.
    constexpr double kLargest = 4, kRms = 0.1;
    for (const char *name : {"edsr_small_x2", "carn_m_slim_x2"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        REQUIRE(!q16_targets(model).empty());
        for (int w = 0; w < info.channels_length; w++)
            for (const auto &[height, width] : {std::pair{1, 1}, {5, 3}, {37, 61}, {19, 150}}) {
                const Volume image = picture(3, height, width);
                if (!info.trained[w])
                    continue;
                const Volume want =
                    upscale(model, {"baseline", {info.channels[w]}, 2}, info.channels[w], info.scale, image);
                for (const std::string &target : q16_targets(model)) {
                    INFO(name << " at " << info.channels[w] << " on " << target << ", " << width << " x " << height);
                    const Volume got =
                        upscale(model, {target, {info.channels[w]}, 2}, info.channels[w], info.scale, image);
                    const Difference d = difference(want, got);
                    CHECK(d.largest < kLargest);
                    CHECK(d.rms < kRms);
                    CHECK(d.largest > 0);
                }
            }
    }
}

TEST_CASE("fixed point gives equal bytes from bands, threads and any set of opened widths") {
    const Volume image = picture(3, 41, 150);
    for (const char *name : {"edsr_small_x2", "carn_m_slim_x2"}) {
        const slimscale_model *model = model_named(name);
        for (const std::string &target : q16_targets(model)) {
            const Volume want = upscale(model, {target, {16}, 1, -1}, 16, 2, image);
            for (int bands : {0, 4, 16})
                for (int threads : {1, 3})
                    for (const std::vector<int> &widths : {std::vector<int>{16}, {16, 64}, {16, 32, 48, 64}}) {
                        INFO(name << " on " << target << ", bands of " << bands << ", " << threads << " threads");
                        CHECK(same_bytes(want, upscale(model, {target, widths, threads, bands}, 16, 2, image)));
                    }
        }
    }
}

TEST_CASE("weights without ranges run in f32, and fixed point refuses them") {
    const slimscale_model *model = model_named("edsr_small_x2");
    auto file = weights::load_model(SLIMSCALE_SOURCE_DIR "/weights/zoo/edsr_small_x2.safetensors");
    REQUIRE(file);
    file->q16.erase(32);
    const auto blob = weights::pack(*file);
    REQUIRE(blob);
    char text[512] = "";
    const auto open_with = [&](const char *target, int channels, std::string &opened) {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.target = target;
        options.channels = &channels, options.channels_length = 1;
        options.weights = blob->data(), options.weights_size = blob->size();
        options.error_text = text, options.error_text_size = sizeof text;
        slimscale_handle *s = nullptr;
        const slimscale_status status = slimscale_open(model, &options, &s);
        opened = slimscale_target(s);
        slimscale_close(s);
        return status;
    };
    std::string target;
    REQUIRE(open_with("auto", 16, target) == SLIMSCALE_OK);
    CHECK(target == q16_targets(model).front());
    REQUIRE(open_with("auto", 32, target) == SLIMSCALE_OK);
    CHECK(target.find("q16") == std::string::npos);
    CHECK(open_with("avx2_q16", 32, target) == SLIMSCALE_UNSUPPORTED_TARGET);
    CHECK(std::string(text).find("not calibrated for avx2_q16 at 32 channels; run slimscale quantize") !=
          std::string::npos);
}
