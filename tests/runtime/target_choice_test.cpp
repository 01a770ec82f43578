// Which target "auto" takes for each channel count: by the archive's order, by a profile, within a loss, and without
// targets that are refused. Profiles are made up, so that nothing depends on times.
#include <algorithm>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstring>

#include "contract/model.h"
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

constexpr int kThreads = 2;
constexpr auto kUntouched = static_cast<slimscale_target_reason>(3);  // no reason

const slimscale_model *edsr() {
    return model_named("edsr_small_x2");
}

slimscale_profile empty_profile() {
    slimscale_profile p{};
    p.size = sizeof p;
    p.version = SLIMSCALE_PROFILE_VERSION;
    std::strncpy(p.model, "edsr_small_x2", sizeof p.model - 1);
    std::strncpy(p.machine, slimscale_machine(), sizeof p.machine - 1);
    return p;
}

void add_row(slimscale_profile &p, const std::string &target, int channels, double ns_per_pixel,
             int threads = kThreads) {
    slimscale_cost &row = p.costs[p.cost_count++];
    row.channels = channels;
    row.threads = threads;
    target.copy(row.target, sizeof row.target - 1);
    row.ns_per_pixel = ns_per_pixel;
}

std::vector<std::string> runnable() {
    const slimscale_model_info info = describe(edsr());
    std::vector<std::string> names;
    for (int t = 0; t < info.target_count; t++)
        if (info.runnable[t])
            names.emplace_back(info.targets[t]);
    return names;
}

// Of the targets that this machine runs, the first of all, in q16, and the first in f32.
std::string first_q16() {
    const std::vector<std::string> names = runnable();
    REQUIRE(names.front().find("_q16") != std::string::npos);
    return names.front();
}
std::string first_f32() {
    for (const std::string &name : runnable())
        if (name.find("_q16") == std::string::npos)
            return name;
    FAIL("this machine runs no target in f32");
    return "";
}

// Every target that runs here at every width: q16 takes 10 ns per pixel and channel, f32 20; `fast` at `channels` 1.
slimscale_profile profile_with(std::initializer_list<std::pair<std::string, int>> fast, int threads = kThreads) {
    slimscale_profile p = empty_profile();
    for (const std::string &target : runnable())
        for (int channels : {16, 32, 48, 64}) {
            const bool wins = std::find(fast.begin(), fast.end(), std::pair{target, channels}) != fast.end();
            const double each = wins ? 1 : target.find("_q16") != std::string::npos ? 10 : 20;
            add_row(p, target, channels, each * channels, threads);
        }
    return p;
}

struct Opened {
    slimscale_status status;
    Handle handle;
    std::string text;

    std::string at(int channels) const { return slimscale_target_at(handle.get(), channels, nullptr); }
    slimscale_target_reason why(int channels) const {
        slimscale_target_reason reason = kUntouched;
        slimscale_target_at(handle.get(), channels, &reason);
        return reason;
    }
};

struct How {
    const slimscale_profile *profile = nullptr;
    double loss_db = 0;
    std::vector<int> channels = {16, 32, 48, 64};
    std::string target = "auto";
    bool self_test = false;
    const std::vector<uint8_t> *weights = nullptr;
    const slimscale_model *model = edsr();
};

Opened open_as(const How &how) {
    char text[512] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = how.target.c_str();
    options.channels = how.channels.data();
    options.channels_length = static_cast<int>(how.channels.size());
    options.threads = kThreads;
    options.profile = how.profile;
    options.loss_db = how.loss_db;
    options.self_test = how.self_test;
    options.error_text = text;
    options.error_text_size = sizeof text;
    if (how.weights) {
        options.weights = how.weights->data();
        options.weights_size = how.weights->size();
    }
    slimscale_handle *s = nullptr;
    const slimscale_status status = slimscale_open(how.model, &options, &s);
    return {status, Handle(s), text};
}

size_t weights_bytes(slimscale_handle *s) {
    slimscale_plan_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_plan(s, 8, 8) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan_describe(s, &info) == SLIMSCALE_OK);
    return info.weights_bytes;
}

}  // namespace

TEST_CASE("without a profile auto takes the first target of the order for all widths") {
    const Opened s = open_as({});
    REQUIRE(s.status == SLIMSCALE_OK);
    CHECK(s.text.empty());
    CHECK(slimscale_target(s.handle.get()) == first_q16());
    for (int channels : {16, 32, 48, 64}) {
        CHECK(s.at(channels) == first_q16());
        CHECK(s.why(channels) == SLIMSCALE_TARGET_ORDER);
    }
    CHECK(s.at(24).empty());
    CHECK(s.why(24) == kUntouched);
    CHECK(std::string(slimscale_target_at(nullptr, 16, nullptr)).empty());
}

TEST_CASE("each width gets the target that is fastest by the profile") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const slimscale_profile narrow = profile_with({{f32, 16}}), wide = profile_with({{f32, 64}}),
                            other = profile_with({{"baseline", 32}, {"baseline", 16}});
    const Opened at_16 = open_as({&narrow}), at_64 = open_as({&wide}), on_baseline = open_as({&other});
    REQUIRE(at_16.status == SLIMSCALE_OK);
    CHECK(at_16.text.empty());
    CHECK(at_16.at(16) == f32);
    CHECK(at_16.at(64) == q16);
    CHECK(slimscale_target(at_16.handle.get()) == q16);
    CHECK(at_16.why(16) == SLIMSCALE_TARGET_FASTEST);
    CHECK(at_16.why(64) == SLIMSCALE_TARGET_FASTEST);
    REQUIRE(at_64.status == SLIMSCALE_OK);
    CHECK(at_64.at(16) == q16);
    CHECK(at_64.at(64) == f32);
    CHECK(slimscale_target(at_64.handle.get()) == f32);
    REQUIRE(on_baseline.status == SLIMSCALE_OK);
    CHECK(on_baseline.at(16) == "baseline");
    CHECK(on_baseline.at(32) == "baseline");
    CHECK(on_baseline.at(48) == q16);
}

TEST_CASE("times are compared in frames of 640x360") {
    const std::string q16 = first_q16(), f32 = first_f32();
    slimscale_profile p = empty_profile();
    add_row(p, q16, 16, 0);
    add_row(p, f32, 16, 10);
    p.costs[0].fixed_ns = 640 * 360 * 10 + 1;
    CHECK(open_as({&p, 0, {16}}).at(16) == f32);
    p.costs[0].fixed_ns = 640 * 360 * 10 - 1;
    CHECK(open_as({&p, 0, {16}}).at(16) == q16);
}

TEST_CASE("a profile replaces only what it shows to be slower") {
    const std::string q16 = first_q16(), f32 = first_f32();
    slimscale_profile p = empty_profile();
    add_row(p, f32, 16, 1);   // nothing about q16 at 16
    add_row(p, q16, 64, 10);  // nothing about f32 at 64
    const slimscale_profile others = profile_with({{f32, 16}, {f32, 64}}, kThreads + 1);
    for (const slimscale_profile *profile : {static_cast<const slimscale_profile *>(&p), &others}) {
        const Opened s = open_as({profile, 0, {16, 32, 64}});
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(s.text.empty());
        for (int channels : {16, 32, 64})
            CHECK(s.at(channels) == q16);
        CHECK(s.why(16) == SLIMSCALE_TARGET_ORDER);
        CHECK(s.why(64) == (profile == &p ? SLIMSCALE_TARGET_FASTEST : SLIMSCALE_TARGET_ORDER));
    }
}

TEST_CASE("the loss that is allowed bounds the choice, with a profile and without") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const slimscale_profile p = profile_with({{q16, 16}, {q16, 32}, {q16, 48}, {q16, 64}});
    for (const slimscale_profile *profile : {static_cast<const slimscale_profile *>(nullptr), &p})
        for (const auto &[loss_db, taken] : {std::pair{0.0, q16},
                                             {SLIMSCALE_LOSS_DB, q16},
                                             {slimscale_loss_db(q16.c_str()), q16},
                                             {0.0019, f32},
                                             {SLIMSCALE_NO_LOSS, f32},
                                             {-DBL_MAX, f32}}) {
            INFO(loss_db << (profile ? " with" : " without"));
            const Opened s = open_as({profile, loss_db});
            REQUIRE(s.status == SLIMSCALE_OK);
            for (int channels : {16, 32, 48, 64})
                CHECK(s.at(channels) == taken);
        }
    CHECK(open_as({&p, SLIMSCALE_NO_LOSS, {16}, q16}).at(16) == q16);  // a named target is taken
    const Opened nonsense = open_as({&p, NAN});
    CHECK(nonsense.status == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(nonsense.text.find("loss_db is no number") != std::string::npos);
}

TEST_CASE("the losses of targets") {
    for (const char *name : {"avx512", "avx2", "baseline", "naive", "neon", "cuda"})
        CHECK(slimscale_loss_db(name) == 0);
    for (const char *name : {"avx512_q16", "avx2_q16", "cuda_f16", "amx_bf16"}) {
        CHECK(slimscale_loss_db(name) > 0);
        CHECK(slimscale_loss_db(name) <= SLIMSCALE_LOSS_DB);
    }
    for (const char *name : {"", "auto", "avx3", "avx2_q8"})
        CHECK(slimscale_loss_db(name) < 0);
    CHECK(slimscale_loss_db(nullptr) < 0);
}

TEST_CASE("a profile that is none for this model and machine is left aside and named") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const slimscale_profile sound = profile_with({{f32, 16}, {f32, 64}});
    slimscale_profile machine = sound, model = sound, version = sound, blank = sound;
    machine.machine[0] ^= 1;
    model.model[0] ^= 1;
    version.version++;
    blank.size = 0;
    for (const auto &[profile, word] : {std::pair{&machine, "another machine"},
                                        {&model, "another model"},
                                        {&version, "another library version"},
                                        {&blank, "another library version"}}) {
        const Opened s = open_as({profile});
        INFO(s.text);
        REQUIRE(s.status == SLIMSCALE_OK);
        CHECK(s.at(16) == q16);
        CHECK(s.why(16) == SLIMSCALE_TARGET_ORDER);
        CHECK(s.text.find("\"auto\" goes by the archive's order: the profile is of " + std::string(word)) == 0);
        const Opened named = open_as({profile, 0, {16}, f32});
        CHECK(named.text.empty());
        CHECK(named.why(16) == SLIMSCALE_TARGET_NAMED);
    }
}

TEST_CASE("rows that are no times are no rows") {
    const std::string q16 = first_q16(), f32 = first_f32();
    slimscale_profile sound = empty_profile();
    add_row(sound, q16, 16, 10);
    add_row(sound, f32, 16, 1);
    for (double ns : {std::nan(""), -HUGE_VAL, HUGE_VAL, -1.0, 0.0}) {
        slimscale_profile p = sound;
        p.costs[1].ns_per_pixel = ns;
        INFO(ns);
        CHECK(open_as({&p, 0, {16}}).at(16) == q16);
        p.costs[0].ns_per_pixel = ns;
        p.costs[1].ns_per_pixel = 1;
        CHECK(open_as({&p, 0, {16}}).at(16) == q16);
    }
    slimscale_profile p = sound;
    p.cost_count = UINT_MAX;  // the table ends all the same
    CHECK(open_as({&p, 0, {16}}).at(16) == f32);
    std::memset(p.costs[1].target, 'x', sizeof p.costs[1].target);
    CHECK(open_as({&p, 0, {16}}).at(16) == q16);
    p = sound;
    p.costs[1].channels = -16;
    CHECK(open_as({&p, 0, {16}}).at(16) == q16);
}

TEST_CASE("widths on several targets give the bytes that each target gives alone") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const Volume image = picture(3, 41, 150);
    for (const auto &[at_16, at_64] : {std::pair{q16, f32}, {f32, q16}, {std::string("baseline"), q16}}) {
        const slimscale_profile p = profile_with({{at_16, 16}, {at_64, 64}});
        const Opened s = open_as({&p, 0, {16, 64}});
        REQUIRE(s.at(16) == at_16);
        REQUIRE(s.at(64) == at_64);
        REQUIRE(slimscale_plan(s.handle.get(), image.width, image.height) == SLIMSCALE_OK);
        const Volume want_16 = upscale(edsr(), {at_16, {16}, 1, -1}, 16, 2, image),
                     want_64 = upscale(edsr(), {at_64, {64}, 1, -1}, 64, 2, image);
        for (int round = 0; round < 2; round++) {
            CHECK(same_bytes(want_16, run(s.handle.get(), 16, 2, image)));
            CHECK(same_bytes(want_64, run(s.handle.get(), 64, 2, image)));
        }
    }
}

TEST_CASE("reports, predictions and requests for a time go by each width's target") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const slimscale_profile p = profile_with({{f32, 16}});  // 16 ns per pixel there, 640 at 64 channels
    const Opened s = open_as({&p, 0, {16, 64}});
    constexpr int kWidth = 20, kHeight = 10;
    REQUIRE(slimscale_plan(s.handle.get(), kWidth, kHeight) == SLIMSCALE_OK);
    std::vector<uint8_t> in(3 * kWidth * kHeight, 90), out(4 * in.size());
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
    from.width = kWidth, from.height = kHeight, from.planes[0] = in.data(), from.strides[0] = 3 * kWidth;
    to.width = 2 * kWidth, to.height = 2 * kHeight, to.planes[0] = out.data(), to.strides[0] = 6 * kWidth;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    request.profile = &p;
    for (const auto &[channels, target, ns] : {std::tuple{16, f32, 16.0}, {64, q16, 640.0}}) {
        request.channels = channels;
        REQUIRE(slimscale_run(s.handle.get(), &request, &from, &to, &report) == SLIMSCALE_OK);
        CHECK(report.target == target);
        CHECK(report.predicted_ms == Approx(ns * kWidth * kHeight * 1e-6));
        REQUIRE(slimscale_begin_rows(s.handle.get(), &request, &from, &to) == SLIMSCALE_OK);
        REQUIRE(slimscale_end_rows(s.handle.get(), &report) == SLIMSCALE_OK);
        CHECK(report.target == target);
    }
    request.channels = 0;
    request.budget_ms = 17.0 * kWidth * kHeight * 1e-6;
    REQUIRE(slimscale_run(s.handle.get(), &request, &from, &to, &report) == SLIMSCALE_OK);
    CHECK(report.channels == 16);  // on q16 it would take 160 ns per pixel
    CHECK(report.predicted_ms == Approx(16.0 * kWidth * kHeight * 1e-6));
    slimscale_profile lacking = empty_profile();
    for (int channels : {16, 64})
        add_row(lacking, q16, channels, 10);
    request.profile = &lacking;
    CHECK(slimscale_run(s.handle.get(), &request, &from, &to, &report) == SLIMSCALE_INVALID_PROFILE);
}

TEST_CASE("filters are held once for each data type in use") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const size_t alone_q16 = weights_bytes(open_as({nullptr, 0, {16, 64}, q16}).handle.get()),
                 alone_f32 = weights_bytes(open_as({nullptr, 0, {16, 64}, f32}).handle.get());
    const slimscale_profile mixed = profile_with({{f32, 16}}), same = profile_with({{"baseline", 16}, {f32, 64}});
    const size_t both = weights_bytes(open_as({&mixed, 0, {16, 64}}).handle.get());
    CHECK(both > std::max(alone_q16, alone_f32));
    CHECK(both <= alone_q16 + alone_f32);
    CHECK(weights_bytes(open_as({&same, 0, {16, 64}}).handle.get()) == alone_f32);
}

TEST_CASE("a handle of several targets measures each width on its own and on those with its filters") {
    const std::string q16 = first_q16(), f32 = first_f32();
    const slimscale_profile p = profile_with({{f32, 16}});
    const Opened s = open_as({&p, 0, {16, 64}});
    slimscale_profile measured;
    REQUIRE(slimscale_measure_profile(s.handle.get(), 200, &measured) == SLIMSCALE_OK);
    std::vector<std::pair<int, std::string>> rows, expected;
    for (const std::string &target : runnable())
        expected.emplace_back(target.find("_q16") == std::string::npos ? 16 : 64, target);
    for (uint32_t i = 0; i < measured.cost_count; i++)
        rows.emplace_back(measured.costs[i].channels, measured.costs[i].target);
    std::sort(rows.begin(), rows.end());
    std::sort(expected.begin(), expected.end());
    CHECK(rows == expected);
}

TEST_CASE("a width without ranges keeps q16 from itself, and with a profile from no other") {
    const std::string q16 = first_q16(), f32 = first_f32();
    auto file = weights::load_model(SLIMSCALE_SOURCE_DIR "/weights/zoo/edsr_small_x2.safetensors");
    REQUIRE(file);
    file->q16.erase(32);
    const auto blob = weights::pack(*file);
    REQUIRE(blob);
    const slimscale_profile p = profile_with({{q16, 16}, {q16, 32}, {q16, 64}});
    How how{nullptr, 0, {16, 32, 64}};
    how.weights = &*blob;
    const Opened by_order = open_as(how);
    how.profile = &p;
    const Opened by_profile = open_as(how);
    for (int channels : {16, 32, 64}) {
        CHECK(by_order.at(channels) == f32);
        CHECK(by_profile.at(channels) == (channels == 32 ? f32 : q16));
    }
}

TEST_CASE("a target that fails its self-test makes way for the next one of the rule") {
    const std::string q16 = first_q16(), f32 = first_f32();
    slimscale_model model = *edsr();
    std::vector<slimscale_compiled_target> targets(model.targets, model.targets + model.target_count);
    std::vector<slimscale_pipeline> pipelines;
    for (slimscale_compiled_target &target : targets)
        if (target.name == f32) {
            pipelines.assign(target.pipelines, target.pipelines + model.pipeline_count);
            const slimscale_network_plan &plan = model.plans[0];
            // A processor that writes nothing.
            pipelines[static_cast<size_t>(plan.steps[plan.step_count - 1].pipeline)] = [](void **) { return 0; };
            target.pipelines = pipelines.data();
        }
    REQUIRE(!pipelines.empty());
    model.targets = targets.data();
    slimscale_profile p = profile_with({{f32, 16}});
    for (uint32_t i = 0; i < p.cost_count; i++)  // the second fastest at 16 channels is the last in the order
        if (p.costs[i].target == std::string("baseline"))
            p.costs[i].ns_per_pixel = 2.0 * p.costs[i].channels * (p.costs[i].channels == 16 ? 1 : 100);
    How how{&p, 0, {16, 64}};
    how.model = &model;
    CHECK(open_as(how).at(16) == f32);
    how.self_test = true;
    const Opened tested = open_as(how);
    INFO(tested.text);
    REQUIRE(tested.status == SLIMSCALE_OK);
    CHECK(tested.at(16) == "baseline");
    CHECK(tested.at(64) == q16);
    CHECK(tested.text.find(f32 + " was passed over: ") == 0);
}

TEST_CASE("profiles are merged row by row") {
    slimscale_profile into = empty_profile(), from = empty_profile();
    add_row(into, "avx2", 16, 10);
    add_row(into, "avx2", 32, 20);
    add_row(from, "avx2", 32, 21);
    add_row(from, "avx2", 32, 22, kThreads + 1);
    add_row(from, "avx2_q16", 32, 11);
    slimscale_profile merged = into;
    REQUIRE(slimscale_merge_profile(&merged, &from) == SLIMSCALE_OK);
    REQUIRE(merged.cost_count == 4);
    CHECK(merged.costs[0].ns_per_pixel == 10);
    CHECK(merged.costs[1].ns_per_pixel == 21);
    CHECK(merged.costs[2].ns_per_pixel == 22);
    CHECK(merged.costs[3].ns_per_pixel == 11);
    slimscale_profile foreign = from, full = empty_profile();
    foreign.machine[0] ^= 1;
    for (int i = 0; i < SLIMSCALE_MAX_COSTS; i++)
        add_row(full, "avx2", 8 * (i + 1), 1);
    const slimscale_profile before = full;
    CHECK(slimscale_merge_profile(&full, &foreign) == SLIMSCALE_INVALID_PROFILE);
    CHECK(slimscale_merge_profile(&full, &from) == SLIMSCALE_INVALID_PROFILE);  // one row too many
    CHECK(std::memcmp(&full, &before, sizeof full) == 0);
    CHECK(slimscale_merge_profile(&full, &into) == SLIMSCALE_OK);
    CHECK(full.cost_count == SLIMSCALE_MAX_COSTS);
    CHECK(slimscale_merge_profile(nullptr, &from) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_merge_profile(&full, nullptr) == SLIMSCALE_INVALID_ARGUMENT);
}

TEST_CASE("every reason for a target has words") {
    for (int reason = 0; reason <= SLIMSCALE_TARGET_FASTEST; reason++)
        CHECK(std::string(slimscale_target_reason_text(static_cast<slimscale_target_reason>(reason))) !=
              "unknown reason");
}
