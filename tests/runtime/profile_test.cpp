// A profile has a row per width and runnable target, which requests with a budget use. bench/ measures how well it
// predicts, since whether tests pass must not depend on times.
#include <time.h>

#include <cmath>
#include <cstdlib>
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

// A profile of 100 ns per pixel and 8 channels, for every width.
slimscale_profile made_up(const slimscale_handle *s, const slimscale_model_info &info, int threads) {
    slimscale_profile t{};
    t.size = sizeof t;
    t.version = SLIMSCALE_PROFILE_VERSION;
    std::strncpy(t.model, info.name, sizeof t.model - 1);
    std::strncpy(t.machine, slimscale_machine(), sizeof t.machine - 1);
    for (int i = 0; i < info.channels_length; i++) {
        slimscale_cost &c = t.costs[t.cost_count++];
        c.channels = info.channels[i];
        c.threads = threads;
        std::strcpy(c.target, slimscale_target(s));
        c.ns_per_pixel = 100.0 * info.channels[i] / 8;
    }
    return t;
}

// A handle with a profile that promises a millionth of any real time, and a request for as many frames as that allows.
struct OptimisticProfile {
    explicit OptimisticProfile(int band_rows)
        : s(open(model_named("golden_edsr_x2"), {"auto", {}, 2, band_rows, true})) {
        REQUIRE(slimscale_plan(s.get(), 20, 10) == SLIMSCALE_OK);
        for (uint32_t i = 0; i < optimistic.cost_count; i++)
            optimistic.costs[i].ns_per_pixel *= 1e-6;
        request.profile = &optimistic;
        request.frames_per_second = 1e7;
    }
    OptimisticProfile(const OptimisticProfile &) = delete;
    OptimisticProfile &operator=(const OptimisticProfile &) = delete;

    const slimscale_model_info info = describe(model_named("golden_edsr_x2"));
    const int most = info.channels[info.channels_length - 1];
    const Handle s;
    slimscale_profile optimistic = made_up(s.get(), info, 2);
    Frame frame{20, 10, 2};
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
};

}  // namespace

namespace {

// A machine on which a frame takes kFixedNs and kPixelNs for each of its pixels, and the first one after an allocation
// three times as long. The allocator and the pool see which frames run, and move the clock.
struct SimulatedMachine {
    static constexpr double kFixedNs = 50'000, kPixelNs = 200;
    static int64_t now_ns;  // 0: the clock is the machine's
    size_t pixels = 0;
    bool cold = true;

    static constexpr size_t kBytesPerPixel = 3 * (1 + 2 * 2);  // of the pictures that a profile is measured on, at x2

    static void *allocate(void *self, size_t bytes, size_t alignment) {
        auto &machine = *static_cast<SimulatedMachine *>(self);
        machine.pixels = bytes / kBytesPerPixel;  // these pictures are what is allocated last before a frame
        machine.cold = true;
        return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    }
    static void run(void *self, int count, void (*task)(void *, int, int), void *data) {
        auto &machine = *static_cast<SimulatedMachine *>(self);
        for (int i = 0; i < count; i++)
            task(data, i, 0);
        now_ns +=
            static_cast<int64_t>(kFixedNs + kPixelNs * static_cast<double>(machine.pixels)) * (machine.cold ? 3 : 1);
        machine.cold = false;
    }
};
int64_t SimulatedMachine::now_ns = 0;

}  // namespace

// The linker brings the library's calls here.
extern "C" int __real_clock_gettime(clockid_t clock, timespec *time);
extern "C" int __wrap_clock_gettime(clockid_t clock, timespec *time) {
    if (SimulatedMachine::now_ns == 0)
        return __real_clock_gettime(clock, time);
    time->tv_sec = static_cast<time_t>(SimulatedMachine::now_ns / 1'000'000'000);
    time->tv_nsec = static_cast<long>(SimulatedMachine::now_ns % 1'000'000'000);
    return 0;
}

TEST_CASE("a profile holds the times that frames took") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    SimulatedMachine machine;
    const slimscale_thread_pool pool{&machine, 1, SimulatedMachine::run};
    const slimscale_allocator allocator{&machine, SimulatedMachine::allocate,
                                        [](void *, void *memory) { std::free(memory); }};
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.pool = &pool;
    options.allocator = &allocator;
    options.allow_untrained = 1;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    slimscale_profile profile;
    SimulatedMachine::now_ns = 1'000'000'000;
    const slimscale_status status = slimscale_measure_profile(s, 500, &profile);
    SimulatedMachine::now_ns = 0;
    slimscale_close(s);
    REQUIRE(status == SLIMSCALE_OK);
    REQUIRE(profile.cost_count > 0);
    for (uint32_t i = 0; i < profile.cost_count; i++) {
        INFO(profile.costs[i].channels << " channels on " << profile.costs[i].target);
        CHECK(profile.costs[i].fixed_ns == Approx(SimulatedMachine::kFixedNs).epsilon(1e-3));
        CHECK(profile.costs[i].ns_per_pixel == Approx(SimulatedMachine::kPixelNs).epsilon(1e-3));
    }
}

TEST_CASE("a profile times every width on every runnable target") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 10, 10) == SLIMSCALE_OK);
    slimscale_profile table;
    REQUIRE(slimscale_measure_profile(s.get(), 300, &table) == SLIMSCALE_OK);
    int targets = 0;
    for (int t = 0; t < info.target_count; t++)
        targets += info.runnable[t] && std::string(info.targets[t]) != "naive";
    CHECK(table.cost_count == static_cast<uint32_t>(targets * info.channels_length));
    for (uint32_t i = 0; i < table.cost_count; i++) {
        const slimscale_cost &c = table.costs[i];
        INFO(c.channels << " channels on " << c.target);
        CHECK(c.threads == 2);
        CHECK(c.ns_per_pixel >= 0);
        CHECK(c.fixed_ns >= 0);
        CHECK(c.ns_per_pixel + c.fixed_ns > 0);
    }
    Frame frame(10, 10, 2);  // the plan still exists
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    request.budget_ms = 1e6;
    request.profile = &table;
    REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.channels == info.max_channels);
    CHECK(report.meets_budget == 1);
    CHECK(report.predicted_ms > 0);
}

TEST_CASE("the budget picks the width, anew on every frame") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    REQUIRE(info.channels_length >= 3);
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 20, 10) == SLIMSCALE_OK);
    const slimscale_profile table = made_up(s.get(), info, 2);
    Frame frame(20, 10, 2);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.profile = &table;
    for (int round = 0; round < 2; round++)
        for (int i = info.channels_length - 1; i >= 0; i--) {
            slimscale_report report = SLIMSCALE_REPORT_INIT;
            request.budget_ms = 200 * 100e-6 * info.channels[i] / 8 + 1e-6;
            REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
            CHECK(report.channels == info.channels[i]);
            CHECK(report.meets_budget == 1);
            CHECK(report.predicted_ms == Approx(request.budget_ms).epsilon(0.01));
        }
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    request.budget_ms = 1e-6;
    REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.channels == info.channels[0]);
    CHECK(report.meets_budget == 0);
}

TEST_CASE("a profile changes nothing for named channels") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 20, 10) == SLIMSCALE_OK);
    const slimscale_profile table = made_up(s.get(), info, 2);
    Frame frame(20, 10, 2), plain(20, 10, 2);
    for (size_t i = 0; i < frame.in.size(); i++)
        frame.in[i] = plain.in[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
    for (int i = 0; i < info.channels_length; i++) {
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = info.channels[i];
        REQUIRE(slimscale_run(s.get(), &request, &plain.from, &plain.to, nullptr) == SLIMSCALE_OK);
        request.profile = &table;
        REQUIRE(slimscale_run(s.get(), &request, &frame.from, &frame.to, nullptr) == SLIMSCALE_OK);
        CHECK(frame.out == plain.out);
    }
}

TEST_CASE("frames that take longer than the profile says lower the channels") {
    OptimisticProfile d(0);
    slimscale_request &request = d.request;
    std::vector<int> ran;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    for (int i = 0; i < 4; i++) {
        REQUIRE(slimscale_run(d.s.get(), &request, &d.frame.from, &d.frame.to, &report) == SLIMSCALE_OK);
        ran.push_back(report.channels);
    }
    CHECK(ran.front() == d.most);
    CHECK(ran.back() == d.info.channels[0]);
    CHECK(report.reason == SLIMSCALE_REASON_FEWEST);
    CHECK(report.slowdown > 10);
    CHECK(report.meets_budget == 0);
    request.percentile = 50;  // another request begins anew
    REQUIRE(slimscale_run(d.s.get(), &request, &d.frame.from, &d.frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.channels == d.most);
    CHECK(report.reason == SLIMSCALE_REASON_PROFILE);
    request.channels = d.most;  // and named channels are kept
    for (int i = 0; i < 4; i++) {
        REQUIRE(slimscale_run(d.s.get(), &request, &d.frame.from, &d.frame.to, &report) == SLIMSCALE_OK);
        CHECK(report.channels == d.most);
        CHECK(report.reason == SLIMSCALE_REASON_REQUEST);
    }
}

TEST_CASE("frames in rows hold a time, too") {
    OptimisticProfile d(4);
    slimscale_request &request = d.request;
    const auto described = [&] {
        slimscale_rows_info rows{};
        rows.size = sizeof rows;
        REQUIRE(slimscale_describe_rows(d.s.get(), &request, &d.frame.from, &d.frame.to, &rows) == SLIMSCALE_OK);
        return rows.channels;
    };
    const auto run_in_rows = [&](bool whole) {
        const int wanted = described();
        slimscale_report report = SLIMSCALE_REPORT_INIT;
        REQUIRE(slimscale_begin_rows(d.s.get(), &request, &d.frame.from, &d.frame.to) == SLIMSCALE_OK);
        int pushed = 0, taken = 0;
        REQUIRE(slimscale_push_rows(d.s.get(), &d.frame.from, &pushed) == SLIMSCALE_OK);
        if (whole)
            REQUIRE(slimscale_take_rows(d.s.get(), &d.frame.to, &taken) == SLIMSCALE_OK);
        CHECK(taken == (whole ? 20 : 0));
        REQUIRE(slimscale_end_rows(d.s.get(), &report) == SLIMSCALE_OK);
        CHECK(report.channels == wanted);
        return report;
    };
    CHECK(described() == d.most);
    for (int i = 0; i < 4; i++)
        CHECK(run_in_rows(false).channels == d.most);  // frames that are broken off say nothing
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    for (int i = 0; i < 4; i++)
        report = run_in_rows(true);
    CHECK(report.channels == d.info.channels[0]);
    CHECK(report.reason == SLIMSCALE_REASON_FEWEST);
    CHECK(report.slowdown > 10);
    // What was measured counts for whole frames, and theirs for rows.
    REQUIRE(slimscale_run(d.s.get(), &request, &d.frame.from, &d.frame.to, &report) == SLIMSCALE_OK);
    CHECK(report.channels == d.info.channels[0]);
    request.percentile = 50;  // another request begins anew, when a frame is begun
    CHECK(described() == d.most);
    request.percentile = 0;
    CHECK(described() == d.info.channels[0]);
}

TEST_CASE("the latency of rows is the profile's time for so many rows") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const slimscale_model_info info = describe(model);
    constexpr int kWidth = 20, kHeight = 60;
    const Handle s = open(model, {"auto", {}, 2, 4, true});
    REQUIRE(slimscale_plan(s.get(), kWidth, kHeight) == SLIMSCALE_OK);
    const slimscale_profile table = made_up(s.get(), info, 2);
    Frame frame(kWidth, kHeight, 2);
    for (int i = 0; i < info.channels_length; i++) {
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = info.channels[i];
        request.profile = &table;
        slimscale_rows_info rows{};
        rows.size = sizeof rows;
        REQUIRE(slimscale_describe_rows(s.get(), &request, &frame.from, &frame.to, &rows) == SLIMSCALE_OK);
        CHECK(rows.latency_rows > 0);
        CHECK(rows.latency_rows < kHeight);
        CHECK(rows.latency_ms == Approx(table.costs[i].ns_per_pixel * 1e-6 * kWidth * rows.latency_rows));
    }
}

TEST_CASE("requests for a time that say too much or nonsense are refused") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const Handle s = open(model, {"auto", {}, 2, 0, true});
    REQUIRE(slimscale_plan(s.get(), 20, 10) == SLIMSCALE_OK);
    const slimscale_profile table = made_up(s.get(), describe(model), 2);
    Frame frame(20, 10, 2);
    slimscale_request both = SLIMSCALE_REQUEST_INIT, negative = both, percentile = both, not_a_number = both;
    both.profile = negative.profile = percentile.profile = not_a_number.profile = &table;
    both.budget_ms = both.frames_per_second = 10;
    negative.frames_per_second = -1;
    percentile.percentile = 100;
    not_a_number.frames_per_second = NAN;
    for (const slimscale_request &request : {both, negative, percentile, not_a_number})
        CHECK(slimscale_run(s.get(), &request, &frame.from, &frame.to, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("every reason has words") {
    for (int reason = 0; reason <= SLIMSCALE_REASON_FEWEST; reason++)
        CHECK(std::string(slimscale_reason_text(static_cast<slimscale_reason>(reason))) != "unknown reason");
}

TEST_CASE("a table for other threads is no table") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const Handle s = open(model, {"auto", {}, 1, 0, true});
    REQUIRE(slimscale_plan(s.get(), 4, 4) == SLIMSCALE_OK);
    const slimscale_profile table = made_up(s.get(), describe(model), 2);
    Frame frame(4, 4, 2);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.budget_ms = 5;
    request.profile = &table;
    CHECK(slimscale_run(s.get(), &request, &frame.from, &frame.to, nullptr) == SLIMSCALE_INVALID_PROFILE);
    CHECK(std::string(slimscale_error(s.get())).find("measure it again") != std::string::npos);
    CHECK(slimscale_measure_profile(s.get(), -1, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}
