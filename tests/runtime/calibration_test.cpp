// Calibration fills a row per width and runnable tier; requests with a budget use it. How well it predicts is measured
// by bench/, not here: times have no place in a pass or fail.
#include <cstring>
#include <string>

#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

using namespace slimscale::test;

namespace {

struct Frame {
    std::vector<uint8_t> in, out;
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;

    Frame(int width, int height, int scale)
        : in(static_cast<size_t>(width * height * 3), 50), out(in.size() * static_cast<size_t>(scale * scale)) {
        from.width = width, from.height = height, from.planes[0] = in.data(), from.strides[0] = 3 * width;
        to.width = width * scale, to.height = height * scale, to.planes[0] = out.data(),
        to.strides[0] = 3 * width * scale;
    }
};

// 100 ns per pixel and 8 channels, on every width.
slimscale_calibration made_up(const slimscale_handle *s, const slimscale_model_info &info, int threads) {
    slimscale_calibration t{};
    t.size = sizeof t;
    t.version = SLIMSCALE_CALIBRATION_VERSION;
    std::strncpy(t.model, info.name, sizeof t.model - 1);
    std::strncpy(t.machine, slimscale_machine(), sizeof t.machine - 1);
    for (int i = 0; i < info.width_count; i++) {
        slimscale_cost &c = t.costs[t.cost_count++];
        c.width = info.widths[i];
        c.threads = threads;
        std::strcpy(c.target, slimscale_target(s));
        c.ns_per_pixel = 100.0 * info.widths[i] / 8;
    }
    return t;
}

}  // namespace

TEST_CASE("calibration times every width on every runnable tier") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 10, 10) == SLIMSCALE_OK);
    slimscale_calibration table;
    REQUIRE(slimscale_calibrate(s.get(), 300, &table) == SLIMSCALE_OK);
    int tiers = 0;
    for (int t = 0; t < info.target_count; t++)
        tiers += info.runnable[t] && std::string(info.targets[t]) != "naive";
    CHECK(table.cost_count == static_cast<uint32_t>(tiers * info.width_count));
    for (uint32_t i = 0; i < table.cost_count; i++) {
        const slimscale_cost &c = table.costs[i];
        INFO(c.width << " channels on " << c.target);
        CHECK(c.threads == 2);
        CHECK(c.ns_per_pixel >= 0);
        CHECK(c.fixed_ns >= 0);
        CHECK(c.ns_per_pixel + c.fixed_ns > 0);
    }
    Frame frame(10, 10, 2);  // the plan is still there
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    request.budget_ms = 1e6;
    request.calibration = &table;
    REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.width == info.channels);
    CHECK(report.meets_budget == 1);
    CHECK(report.predicted_ms > 0);
}

TEST_CASE("the budget picks the width, anew on every frame") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    REQUIRE(info.width_count >= 3);
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 20, 10) == SLIMSCALE_OK);
    const slimscale_calibration table = made_up(s.get(), info, 2);
    Frame frame(20, 10, 2);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.calibration = &table;
    for (int round = 0; round < 2; round++)
        for (int i = info.width_count - 1; i >= 0; i--) {
            slimscale_report report = SLIMSCALE_REPORT_INIT;
            request.budget_ms = 200 * 100e-6 * info.widths[i] / 8 + 1e-6;
            REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
            CHECK(report.width == info.widths[i]);
            CHECK(report.meets_budget == 1);
            CHECK(report.predicted_ms == Approx(request.budget_ms).epsilon(0.01));
        }
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    request.budget_ms = 1e-6;
    REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.width == info.widths[0]);
    CHECK(report.meets_budget == 0);
}

TEST_CASE("a table for other threads is no table") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const Handle s = open(model, {"auto", {}, 1, 0, true});
    REQUIRE(slimscale_plan(s.get(), 4, 4) == SLIMSCALE_OK);
    const slimscale_calibration table = made_up(s.get(), describe(model), 2);
    Frame frame(4, 4, 2);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.budget_ms = 5;
    request.calibration = &table;
    CHECK(slimscale_run(s.get(), &request, &frame.from, &frame.to, nullptr) == SLIMSCALE_INVALID_CALIBRATION);
    CHECK(std::string(slimscale_error(s.get())).find("calibrate again") != std::string::npos);
    CHECK(slimscale_calibrate(s.get(), -1, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}
