// The memory that a frame takes beyond its two images. Plans are arithmetic, so these numbers hold on every machine.
#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

using namespace slimscale::test;

namespace {

constexpr size_t kMost = size_t{256} << 20;  // for 1080p -> 4K, beyond the two images
constexpr int kWidth = 1920, kHeight = 1080;

// The plan of a handle that is opened at one width only.
slimscale_plan_info planned(const std::string &model, int channels, int threads) {
    const Handle s = open(model_named(model), {"auto", {channels}, threads, 0, true});
    slimscale_plan_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_plan(s.get(), kWidth, kHeight) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s.get(), &info) == SLIMSCALE_OK);
    return info;
}

}  // namespace

TEST_CASE("edsr_small takes 1080p to 4K at full width in less than 256 MB beyond the images") {
    for (int threads : {1, 2, 16}) {
        const slimscale_plan_info info = planned("edsr_small_x2", 64, threads);
        INFO(threads << " threads, bands of " << info.band_rows << " rows");
        CHECK(info.workspace_bytes + info.weights_bytes < kMost);
    }
}

TEST_CASE("narrow widths take less") {
    size_t before = 0;
    for (int channels : {16, 32, 48, 64}) {
        const size_t bytes = planned("edsr_small_x2", channels, 2).workspace_bytes;
        CHECK(bytes > before);
        before = bytes;
    }
}
