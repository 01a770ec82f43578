// Bands, threads, switches of width and shared memory change no byte against an executor that has none of them.
#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"
#include "tests/runtime/plain_executor.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{1, 1}, {5, 70}, {37, 41}, {9, 4}};

std::vector<std::string> targets(const slimscale_model_info &info) {
    std::vector<std::string> names;
    for (int t = 0; t < info.target_count; t++)
        if (info.runnable[t])
            names.push_back(info.targets[t]);
    return names;
}

}  // namespace

TEST_CASE("bands of 4, 16 and the whole frame give the bytes of the plain executor") {
    for (const slimscale_model *model : all_models()) {
        const slimscale_model_info info = describe(model);
        const int width = info.channels[info.channels_length - 1];
        for (const Size &size : kSizes) {
            const auto image = reference::random_image(info.colors, size.height, size.width, 11);
            for (const std::string &target : targets(info)) {
                const auto want = run_plainly(model, target, width, image);
                for (int bands : {4, 16, 0, -1})
                    for (int threads : {1, 3, 9}) {
                        INFO(info.name << " on " << target << ", " << size.width << " x " << size.height
                                       << ", bands of " << bands << ", " << threads << " threads");
                        CHECK(same_bytes(want,
                                         upscale(model, {target, {}, threads, bands, true}, width, info.scale, image)));
                    }
            }
        }
    }
}

// Steps are cut along x as well if several workers share few rows with many multiply-adds.
TEST_CASE("strips of columns give the bytes of the plain executor") {
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x2"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        REQUIRE(info.max_channels >= 32);
        for (const Size &size : {Size{300, 13}, Size{513, 8}, Size{129, 21}}) {
            const auto image = reference::random_image(info.colors, size.height, size.width, 12);
            const auto want = run_plainly(model, "baseline", info.max_channels, image);
            for (int bands : {8, -1})
                for (int threads : {1, 2, 9}) {
                    INFO(name << ", " << size.width << " x " << size.height << ", bands of " << bands << ", " << threads
                              << " threads");
                    CHECK(same_bytes(want, upscale(model, {"baseline", {}, threads, bands, true}, info.max_channels,
                                                   info.scale, image)));
                }
        }
    }
}

TEST_CASE("switching the width on every frame leaves nothing behind") {
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x3", "golden_rcan_x4"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        for (int bands : {8, -1}) {
            const Handle s = open(
                model, {"auto", std::vector<int>(info.channels, info.channels + info.channels_length), 2, bands, true});
            REQUIRE(slimscale_plan(s.get(), 19, 23) == SLIMSCALE_OK);
            for (int frame = 0; frame < 3 * info.channels_length; frame++) {
                const int width = info.channels[(frame * 2 + frame / 2) % info.channels_length];
                const auto image = reference::random_image(info.colors, 23, 19, static_cast<uint64_t>(frame));
                INFO(name << " frame " << frame << " at " << width << " channels");
                CHECK(same_bytes(run_plainly(model, slimscale_target(s.get()), width, image),
                                 run(s.get(), width, info.scale, image)));
            }
        }
    }
}

TEST_CASE("a handle planned again for other sizes gives the same bytes as a fresh one") {
    const slimscale_model *model = model_named("golden_carn_x2");
    const slimscale_model_info info = describe(model);
    const int width = info.channels[info.channels_length - 1];
    const Handle s = open(model, {"auto", {width}, 2, 0, true});
    for (const Size &size : {Size{40, 30}, Size{3, 2}, Size{17, 64}, Size{40, 30}}) {
        const auto image = reference::random_image(info.colors, size.height, size.width, 5);
        REQUIRE(slimscale_plan(s.get(), size.width, size.height) == SLIMSCALE_OK);
        CHECK(same_bytes(upscale(model, {}, width, info.scale, image), run(s.get(), width, info.scale, image)));
    }
}
