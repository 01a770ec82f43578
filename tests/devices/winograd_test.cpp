// Networks whose convolutions are computed by Winograd on devices, against plain loops and against themselves in bands,
// with narrow widths that compute directly on the same handle, shuffles and groups.
#include "tests/catch.h"
#include "tests/devices/devices.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

constexpr int kHeight = 9, kWidth = 6;  // neither a multiple of a tile's side

double tolerance(const std::string &target) {
    return target.find("f16") == std::string::npos ? 0.01 : 0.3;  // as in network_test.cpp
}

struct Case {
    TestModel model;
    std::vector<int> widths;
    reference::Volume image = reference::random_image(3, kHeight, kWidth, 7);
};

std::vector<reference::Volume> frames(const Case &c, const std::string &target, int band_rows) {
    std::vector<reference::Volume> outputs;
    const Handle s = open(c.model.model, {target, c.widths, 1, band_rows, true});
    REQUIRE(slimscale_plan(s.get(), kWidth, kHeight) == SLIMSCALE_OK);
    outputs.reserve(c.widths.size());
    for (const int width : c.widths)
        outputs.push_back(run(s.get(), width, c.model.info.scale, c.image));
    return outputs;
}

void check(const Case &c) {
    std::vector<reference::Volume> expected;
    expected.reserve(c.widths.size());
    for (const int width : c.widths)
        expected.push_back(reference::upscale(c.model.file.network, width, c.model.weights, c.image));
    for (const std::string &target : device_targets(c.model.info, c.model.model)) {
        const std::vector<reference::Volume> whole = frames(c, target, -1), bands = frames(c, target, 4);
        for (size_t i = 0; i < c.widths.size(); i++) {
            INFO(c.model.info.name << " at " << c.widths[i] << " channels on " << target);
            CHECK(255 * reference::max_difference(expected[i], whole[i]) <= tolerance(target));
            CHECK(same_bytes(whole[i], bands[i]));
        }
    }
}

TestModel load_random(const std::string &name) {
    return load(model_named(name), SLIMSCALE_RANDOM_MODELS);
}

}  // namespace

TEST_CASE("EDSR by Winograd, with a width that computes directly and a shuffle of four phases") {
    check({load_random("wide_edsr_x4"), {64, 136}});
}

TEST_CASE("CARN-M by Winograd, in two groups of 128 channels") {
    check({load_random("wide_carn_m_x2"), {256}});
}
