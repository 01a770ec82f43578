// Frames as wide as formats and files go: 16K, and the widest that a plan takes.
#include <string>

#include "tests/catch.h"
#include "tests/runtime/frame_oracle.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/guarded_image.h"
#include "tests/runtime/model_files.h"
#include "tests/runtime/plain_executor.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int k16K = 15360;
constexpr int kWidest = 65536;

// In bands and whole, with strips of columns for three threads, against the plain executor and the formulas of colors.
void check_wide(const std::string &name, int width, int height) {
    const slimscale_model *model = model_named(name);
    const slimscale_model_info info = describe(model);
    GuardedImage input(SLIMSCALE_NV12, width, height);
    input.fill(3);
    reference::Volume seen(info.colors, height, width);
    for (int c = 0; c < info.colors; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                seen.at(c, y, x) = static_cast<float>(load_oracle(input.image, info.colors, x, y).of[c]);
    const reference::Volume made = run_plainly(model, "baseline", info.channels[0], seen);
    const auto numbers = [&](int x, int y) {
        Numbers n{};
        for (int c = 0; c < info.colors; c++)
            n.of[c] = made.at(c, y, x);
        return n;
    };
    for (const int band_rows : {4, -1}) {
        INFO(name << ", " << width << " x " << height << ", bands of " << band_rows);
        const Handle s = open(model, {"baseline", {info.channels[0]}, 3, band_rows, true});
        GuardedImage output(SLIMSCALE_NV12, width * info.scale, height * info.scale);
        REQUIRE(slimscale_plan(s.get(), width, height) == SLIMSCALE_OK);
        const slimscale_status status = slimscale_run(s.get(), nullptr, &input.image, &output.image, nullptr);
        INFO(slimscale_error(s.get()));
        REQUIRE(status == SLIMSCALE_OK);
        CHECK(worst_step(input.image, output.image, info.colors, info.scale, numbers) < 1);
    }
}

}  // namespace

TEST_CASE("frames of 16K are taken") {
    check_wide("golden_edsr_luma_x2", k16K, 5);
    check_wide("golden_compact_x2", k16K + 1, 3);
}

TEST_CASE("the widest frames are taken, and wider ones refused in a sentence") {
    check_wide("golden_edsr_luma_x2", kWidest, 1);
    const Handle s = open(model_named("golden_edsr_luma_x2"), {"baseline", {}, 1, 4, true});
    CHECK(slimscale_plan(s.get(), kWidest + 1, 1) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(std::string(slimscale_error(s.get())).find("65536") != std::string::npos);
    CHECK(slimscale_plan(s.get(), 1, kWidest) == SLIMSCALE_OK);
}

TEST_CASE("a whole frame of 16K is planned in bands of few megabytes") {
    const slimscale_model *model = model_named("golden_compact_x2");
    const Handle s = open(model, {"baseline", {describe(model).channels[0]}, 1, 4, true});
    REQUIRE(slimscale_plan(s.get(), k16K, 8640) == SLIMSCALE_OK);
    slimscale_plan_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_plan_describe(s.get(), &info) == SLIMSCALE_OK);
    CHECK(info.workspace_bytes < size_t{128} << 20);
}
