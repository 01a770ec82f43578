// Whole networks in bf16, with AMX in software where the processor has none (tests/emulation/amx.h): near f32, the same
// bytes however they run, and never chosen where the kernel does not permit AMX.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <vector>

#include "networks/reference/volume.h"
#include "runtime/platform/amx.h"
#include "slimscale/slimscale.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/kernel_answer.h"
#include "tests/runtime/model_files.h"

using namespace slimscale;
using namespace slimscale::test;
using reference::Volume;

namespace {

constexpr char kTarget[] = "amx_bf16";

int kernel_asked = 0;

}  // namespace

int slimscale_test_kernel_answer = 0;

// In the place of the library's own.
extern "C" int slimscale_amx_of_processor() {
    return emulate_amx();
}
extern "C" int slimscale_amx_of_kernel() {
    kernel_asked++;
    return slimscale_test_kernel_answer;
}

namespace {

bool runs() {
    if (emulate_amx())
        return true;
    static const int said = std::fprintf(stderr, "left out: bf16, for want of AVX-512\n");
    static_cast<void>(said);
    return false;
}

// The root of the mean square of the difference, as a share of the image's standard deviation.
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

Opened open_with(const slimscale_model *model, const char *target, bool leave_amx = false,
                 const slimscale_profile *profile = nullptr, double loss_db = 0) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    char text[500] = "";
    options.target = target;
    options.allow_untrained = 1;
    options.threads = 1;
    options.leave_amx = leave_amx;
    options.profile = profile;
    options.loss_db = loss_db;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    const slimscale_status status = slimscale_open(model, &options, &s);
    return {Handle(s), status, text};
}

}  // namespace

TEST_CASE("bf16 is near f32 in every network, at every width") {
    if (!runs())
        return;
    for (const slimscale_model *const *m = slimscale_models; *m; m++) {
        const slimscale_model_info info = describe(*m);
        for (int w = 0; w < info.channels_length; w++)
            for (const auto &[height, width] : {std::pair{1, 1}, {5, 3}, {11, 19}}) {
                const int channels = info.channels[w];
                INFO(info.name << " at " << channels << " channels, " << width << " x " << height);
                const Volume image = picture(info.colors, height, width);
                const Volume want = upscale(*m, {"avx2", {}, 1}, channels, info.scale, image);
                const Volume got = upscale(*m, {kTarget, {}, 1}, channels, info.scale, image);
                // A product's operands and each layer's outputs are rounded by up to 2^-9 of their magnitude.
                if (want.data.size() > 100)
                    CHECK(relative_difference(want, got) < 0.02);
                for (size_t i = 0; i < want.data.size(); i++)
                    REQUIRE(std::fabs(want.data[i] - got.data[i]) < 0.1);
            }
    }
}

TEST_CASE("bf16 gives equal bytes from bands, threads and any set of opened widths") {
    if (!runs())
        return;
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x2"}) {
        const slimscale_model *model = model_named(name);
        const Volume image = picture(3, 18, 140);  // wide enough to be cut along columns
        const Volume want = upscale(model, {kTarget, {16}, 1, -1}, 16, 2, image);
        for (int bands : {0, 4})
            for (int threads : {1, 3}) {
                INFO(name << ", bands of " << bands << ", " << threads << " threads");
                CHECK(same_bytes(want, upscale(model, {kTarget, {16}, threads, bands}, 16, 2, image)));
            }
        std::vector<int> widths(describe(model).channels, describe(model).channels + describe(model).channels_length);
        const Handle all = open(model, {kTarget, widths, 2});
        REQUIRE(slimscale_plan(all.get(), image.width, image.height) == SLIMSCALE_OK);
        CHECK(same_bytes(want, run(all.get(), 16, 2, image)));
        CHECK_FALSE(holds_tiles());
    }
}

TEST_CASE("bf16 passes its self-test") {
    if (!runs())
        return;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.channels_length = 1;
    const int channels[] = {16};
    options.channels = channels;
    slimscale_self_test_result results[4] = {};
    for (slimscale_self_test_result &result : results)
        result.size = sizeof result;
    int count = 4;
    CHECK(slimscale_self_test(model_named("edsr_small_x2"), &options, results, &count) == SLIMSCALE_OK);
    REQUIRE(count > 0);
    CHECK(results[0].target == std::string(kTarget));
    CHECK(results[0].status == SLIMSCALE_OK);
    CHECK(results[0].difference > 0);
}

TEST_CASE("the kernel is asked for AMX when a target needs it, and not before") {
    if (!runs())
        return;
    const slimscale_model *model = model_named("golden_edsr_x2");
    slimscale_test_kernel_answer = 0, kernel_asked = 0;
    CHECK(describe(model).runnable[0]);
    CHECK(open_with(model, "avx2").status == SLIMSCALE_OK);
    const Opened left = open_with(model, "auto", true);
    CHECK(left.status == SLIMSCALE_OK);
    CHECK(slimscale_target(left.handle.get()) == std::string("avx2"));
    CHECK(kernel_asked == 0);
    const Opened automatic = open_with(model, "auto");
    CHECK(automatic.status == SLIMSCALE_OK);
    CHECK(automatic.text.empty());
    CHECK(slimscale_target(automatic.handle.get()) == std::string(kTarget));
    CHECK(kernel_asked == 1);
}

TEST_CASE("where the kernel refuses AMX, the next target runs and the reason is told") {
    if (!runs())
        return;
    const slimscale_model *model = model_named("golden_edsr_x2");
    for (const auto &[answer, word] : {std::pair{ENOSPC, "signal stack"}, {EPERM, "seccomp"}, {EOPNOTSUPP, "kernel"}}) {
        slimscale_test_kernel_answer = answer;
        const Opened automatic = open_with(model, "auto");
        INFO(automatic.text);
        CHECK(automatic.status == SLIMSCALE_OK);
        CHECK(slimscale_target(automatic.handle.get()) == std::string("avx2"));
        CHECK(automatic.text.find(std::string(kTarget) + " was passed over: ") == 0);
        CHECK(automatic.text.find(word) != std::string::npos);
        char text[256] = "";
        CHECK(slimscale_describe_target(model, kTarget, 0, text, sizeof text) == SLIMSCALE_UNSUPPORTED_TARGET);
        CHECK(std::string(text).find(word) != std::string::npos);
        const Opened named = open_with(model, kTarget);
        CHECK(named.status == SLIMSCALE_UNSUPPORTED_TARGET);
        CHECK(named.text.find(word) != std::string::npos);
    }
    slimscale_test_kernel_answer = 0;  // it is asked again, since a reason may be gone
    CHECK(open_with(model, kTarget).status == SLIMSCALE_OK);
}

namespace {

// AMX is fastest at some widths of golden_edsr_x2 by this profile, AVX2 at the others.
slimscale_profile profile_of(const slimscale_model *model, const std::vector<int> &fast_on_amx) {
    const slimscale_model_info info = describe(model);
    slimscale_profile p{};
    p.size = sizeof p;
    p.version = SLIMSCALE_PROFILE_VERSION;
    std::snprintf(p.model, sizeof p.model, "%s", info.name);
    std::snprintf(p.machine, sizeof p.machine, "%s", slimscale_machine());
    for (int w = 0; w < info.channels_length; w++) {
        const int channels = info.channels[w];
        const bool amx = std::find(fast_on_amx.begin(), fast_on_amx.end(), channels) != fast_on_amx.end();
        p.costs[p.cost_count++] = {channels, 1, "amx_bf16", 0, amx ? 1.0 : 3.0};
        p.costs[p.cost_count++] = {channels, 1, "avx2", 0, 2.0};
    }
    return p;
}

}  // namespace

TEST_CASE("by a profile AMX runs the widths that it is fastest at, if it may") {
    if (!runs())
        return;
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    REQUIRE(info.channels_length >= 2);
    const int narrow = info.channels[0], wide = info.channels[info.channels_length - 1];
    const slimscale_profile at_wide = profile_of(model, {wide}), nowhere = profile_of(model, {});
    const auto at = [](const Opened &opened, int channels) {
        return std::string(slimscale_target_at(opened.handle.get(), channels, nullptr));
    };
    slimscale_test_kernel_answer = 0, kernel_asked = 0;
    const Opened slower = open_with(model, "auto", false, &nowhere);
    CHECK(at(slower, wide) == "avx2");
    CHECK(kernel_asked == 0);  // for nothing
    const Opened both = open_with(model, "auto", false, &at_wide);
    CHECK(at(both, narrow) == "avx2");
    CHECK(at(both, wide) == kTarget);
    CHECK(kernel_asked == 1);
    const Volume image = picture(3, 18, 40);
    REQUIRE(slimscale_plan(both.handle.get(), image.width, image.height) == SLIMSCALE_OK);
    for (int round = 0; round < 2; round++)
        for (int channels : {narrow, wide})
            CHECK(same_bytes(upscale(model, {at(both, channels), {channels}, 1}, channels, 2, image),
                             run(both.handle.get(), channels, 2, image)));
    kernel_asked = 0;
    CHECK(at(open_with(model, "auto", true, &at_wide), wide) == "avx2");
    const Opened in_f32 = open_with(model, "auto", false, &at_wide, SLIMSCALE_NO_LOSS);
    CHECK(at(in_f32, wide) == "avx2");
    CHECK(kernel_asked == 0);
    slimscale_test_kernel_answer = EPERM;
    const Opened refused = open_with(model, "auto", false, &at_wide);
    CHECK(refused.status == SLIMSCALE_OK);
    CHECK(at(refused, narrow) == "avx2");
    CHECK(at(refused, wide) == "avx2");
    CHECK(refused.text.find(std::string(kTarget) + " was passed over: ") == 0);
    slimscale_test_kernel_answer = 0;
}
