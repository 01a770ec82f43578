// Whole networks in int8, calibrated on the picture that they are run on, with AMX in software where the processor has
// none: near f32, the same bytes however they run, and never chosen but by name.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "contract/model.h"
#include "contract/value_bins.h"
#include "networks/reference/volume.h"
#include "slimscale/slimscale.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/kernel_answer.h"
#include "tests/runtime/model_files.h"
#include "weights/int8.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale::test;
using reference::Volume;

namespace {

constexpr char kTarget[] = "amx_int8";

std::vector<uint64_t> counted(const slimscale_model *model, const Setup &setup, int channels, const Volume &image) {
    const Handle handle = open(model, setup);
    REQUIRE(slimscale_plan(handle.get(), image.width, image.height) == SLIMSCALE_OK);
    std::vector<float> pixels(image.data.begin(), image.data.end());
    const slimscale_image from = planar(pixels, image.channels, image.width, image.height);
    std::vector<uint64_t> counts(slimscale_bin_count(handle.get()));
    REQUIRE(slimscale_count_values(handle.get(), channels, &from, counts.data(), counts.size()) == SLIMSCALE_OK);
    return counts;
}

// A compiled model with weights that hold ranges for some of its widths.
class Calibrated {
public:
    Calibrated(const slimscale_model *compiled, const std::vector<int> &widths) : model(*compiled) {
        const slimscale_model_info info = describe(compiled);
        const bool trained = std::string(info.name) == "edsr_small_x2";
        TestModel loaded = trained ? load(compiled, SLIMSCALE_SOURCE_DIR "/weights/zoo") : load(compiled);
        for (const int channels : widths) {
            auto ranges =
                weights::int8_from(loaded.file.network, channels,
                                   counted(compiled, {"avx2", {channels}, 1}, channels, picture(info.colors, 24, 40)));
            REQUIRE(ranges.error() == "");
            loaded.file.int8[channels] = *ranges;
        }
        auto packed = weights::pack(loaded.file, widths);
        REQUIRE(packed.error() == "");
        blob_ = std::move(*packed);
        model.blob = blob_.data();
        model.blob_size = blob_.size();
    }
    Calibrated(const Calibrated &) = delete;

    slimscale_model model;

private:
    std::vector<uint8_t> blob_;
};

std::vector<int> all_widths(const slimscale_model *model) {
    const slimscale_model_info info = describe(model);
    return {info.channels, info.channels + info.channels_length};
}

double relative_difference(const Volume &want, const Volume &got) {
    Volume off = want;
    for (size_t i = 0; i < off.data.size(); i++)
        off.data[i] -= got.data[i];
    return reference::rms(off) / std::max(1e-6, reference::standard_deviation(want));
}

struct Opened {
    Handle handle;
    slimscale_status status;
    std::string text;
};

Opened open_with(const slimscale_model *model, const char *target) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    char text[500] = "";
    options.target = target;
    options.allow_untrained = 1;
    options.threads = 1;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    const slimscale_status status = slimscale_open(model, &options, &s);
    return {Handle(s), status, text};
}

}  // namespace

TEST_CASE("int8 is near f32 in every network, at every width") {
    if (!emulate_amx())
        return;
    for (const slimscale_model *const *m = slimscale_models; *m; m++) {
        const slimscale_model_info info = describe(*m);
        const Calibrated calibrated(*m, all_widths(*m));
        for (const int channels : all_widths(*m))
            for (const auto &[height, width] : {std::pair{1, 1}, {5, 3}, {24, 40}}) {
                INFO(info.name << " at " << channels << " channels, " << width << " x " << height);
                const Volume image = picture(info.colors, height, width);
                const Volume want = upscale(*m, {"avx2", {}, 1}, channels, info.scale, image);
                const Volume got = upscale(&calibrated.model, {kTarget, {}, 1}, channels, info.scale, image);
                // Bytes are coarser than bf16 by a few times, in networks of random weights, which no training made
                // robust.
                if (want.data.size() > 100)
                    CHECK(relative_difference(want, got) < 0.06);
                for (size_t i = 0; i < want.data.size(); i++)
                    REQUIRE(std::fabs(want.data[i] - got.data[i]) < 0.3);
            }
    }
}

TEST_CASE("int8 gives equal bytes from bands, threads and any set of opened widths") {
    if (!emulate_amx())
        return;
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x2"}) {
        const std::vector<int> widths = all_widths(model_named(name));
        const Calibrated calibrated(model_named(name), widths);
        const Volume image = picture(3, 18, 140);  // wide enough to be cut along columns
        const Volume want = upscale(&calibrated.model, {kTarget, {16}, 1, -1}, 16, 2, image);
        for (int bands : {0, 4})
            for (int threads : {1, 3}) {
                INFO(name << ", bands of " << bands << ", " << threads << " threads");
                CHECK(same_bytes(want, upscale(&calibrated.model, {kTarget, {16}, threads, bands}, 16, 2, image)));
            }
        const Handle all = open(&calibrated.model, {kTarget, widths, 2});
        REQUIRE(slimscale_plan(all.get(), image.width, image.height) == SLIMSCALE_OK);
        CHECK(same_bytes(want, run(all.get(), 16, 2, image)));
        CHECK_FALSE(holds_tiles());
    }
}

TEST_CASE("int8 passes its self-test, and is not run by it where ranges are missing") {
    if (!emulate_amx())
        return;
    const slimscale_model *model = model_named("edsr_small_x2");
    const Calibrated calibrated(model, {16});
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.channels_length = 1;
    const int channels[] = {16};
    options.channels = channels;
    const auto result_with = [&](const slimscale_model *tested) {
        slimscale_self_test_result results[4] = {};
        for (slimscale_self_test_result &result : results)
            result.size = sizeof result;
        int count = 4;
        CHECK(slimscale_self_test(tested, &options, results, &count) == SLIMSCALE_OK);
        const auto *found = std::find_if(results, results + count,
                                         [](const auto &result) { return result.target == std::string(kTarget); });
        REQUIRE(found != results + count);
        return *found;
    };
    CHECK(result_with(&calibrated.model).status == SLIMSCALE_OK);
    CHECK(result_with(&calibrated.model).difference > 0);
    slimscale_model bare = *model;
    const TestModel loaded = load(model, SLIMSCALE_SOURCE_DIR "/weights/zoo");
    weights::ModelFile file = loaded.file;
    file.int8.clear();
    const auto blob = weights::pack(file);
    REQUIRE(blob.error() == "");
    bare.blob = blob->data();
    bare.blob_size = blob->size();
    CHECK(result_with(&bare).status == SLIMSCALE_UNSUPPORTED_TARGET);
}

TEST_CASE("int8 runs by its name alone, with ranges for every opened width") {
    if (!emulate_amx())
        return;
    const slimscale_model *model = model_named("golden_edsr_x2");
    slimscale_test_kernel_answer = 0;
    const std::vector<int> widths = all_widths(model);
    const Opened uncalibrated = open_with(model, kTarget);
    CHECK(uncalibrated.status == SLIMSCALE_UNSUPPORTED_TARGET);
    CHECK(uncalibrated.text.find("not calibrated for amx_int8") != std::string::npos);
    CHECK(uncalibrated.text.find("run slimscale quantize") != std::string::npos);
    const Calibrated partly(model, {widths.front()});
    CHECK(open_with(&partly.model, kTarget).status == SLIMSCALE_UNSUPPORTED_TARGET);
    const Calibrated calibrated(model, widths);
    const Opened named = open_with(&calibrated.model, kTarget);
    CHECK(named.status == SLIMSCALE_OK);
    CHECK(slimscale_target(named.handle.get()) == std::string(kTarget));
    const Opened automatic = open_with(&calibrated.model, "auto");
    CHECK(automatic.status == SLIMSCALE_OK);
    CHECK(slimscale_target(automatic.handle.get()) != std::string(kTarget));
    slimscale_test_kernel_answer = EPERM;
    const Opened refused = open_with(&calibrated.model, kTarget);
    CHECK(refused.status == SLIMSCALE_UNSUPPORTED_TARGET);
    CHECK(refused.text.find("seccomp") != std::string::npos);
    const Opened next = open_with(&calibrated.model, "auto");
    CHECK(next.status == SLIMSCALE_OK);
    CHECK(slimscale_target(next.handle.get()) == std::string("avx2"));
    slimscale_test_kernel_answer = 0;
}

TEST_CASE("inputs of 3x3 convolutions are counted once, whatever the bands and threads") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const Volume image = picture(3, 18, 37);
    const int channels = all_widths(model).front();
    const std::vector<uint64_t> want = counted(model, {"avx2", {channels}, 1, -1}, channels, image);
    for (int threads : {1, 3})
        CHECK(counted(model, {"avx2", {channels}, threads, 4}, channels, image) == want);
    std::map<size_t, uint64_t> totals;
    for (size_t i = 0; i < want.size(); i++)
        totals[i / contract::kValueBins] += want[i];
    size_t counted_filters = 0;
    for (const auto &[filter, total] : totals) {
        CHECK((total == 0 || total == static_cast<uint64_t>(18 * 37 * channels)));
        counted_filters += total > 0;
    }
    CHECK(counted_filters > 2);
    const Handle handle = open(model, {"avx2", {channels}, 1});
    REQUIRE(slimscale_plan(handle.get(), image.width, image.height) == SLIMSCALE_OK);
    std::vector<float> pixels(image.data.begin(), image.data.end());
    const slimscale_image from = planar(pixels, 3, image.width, image.height);
    std::vector<uint64_t> counts(want.size());
    CHECK(slimscale_count_values(handle.get(), channels, &from, counts.data(), counts.size() - 1) ==
          SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_count_values(handle.get(), channels, &from, nullptr, counts.size()) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_count_values(nullptr, channels, &from, counts.data(), counts.size()) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_bin_count(nullptr) == 0);
}
