// The self-test: all targets of a sound model pass, and a target with a seeded fault, whichever it is, is named and
// passed over.
#include <HalideRuntime.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "contract/arguments.h"
#include "contract/blob_view.h"
#include "contract/model.h"
#include "contract/text.h"
#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

slimscale_pipeline sound_pipeline = nullptr;
int output_place = 0;
float fault = 0;

// Acts as a driver or a processor that computes one value of a call wrongly.
int faulty_pipeline(void **arguments) {
    const int status = sound_pipeline(arguments);
    const auto *output = static_cast<const halide_buffer_t *>(arguments[output_place]);
    reinterpret_cast<float *>(output->host)[0] += fault;
    return status;
}

enum class Place { best, plainest };

// A model of which one target has a faulty last step at the fewest channels: of those that run here, the best one or
// the plainest one, the last in the list.
struct Faulty {
    slimscale_model model;
    std::vector<slimscale_compiled_target> targets;
    std::vector<slimscale_pipeline> pipelines;
    std::string target;
    int channels;

    explicit Faulty(const slimscale_model &sound, Place place = Place::best)
        : model(sound), targets(sound.targets, sound.targets + sound.target_count) {
        const slimscale_model_info info = describe(&sound);
        size_t faulty = targets.size() - 1;
        if (place == Place::best)
            faulty =
                static_cast<size_t>(std::find(info.runnable, info.runnable + info.target_count, 1) - info.runnable);
        REQUIRE(info.runnable[faulty]);
        REQUIRE(std::count(info.runnable, info.runnable + info.target_count, 1) > 1);
        target = targets[faulty].name;
        channels = sound.plans[0].channels;
        pipelines.assign(targets[faulty].pipelines, targets[faulty].pipelines + sound.pipeline_count);
        const slimscale_network_plan &plan = sound.plans[0];
        const int last = plan.steps[plan.step_count - 1].pipeline;
        contract::PipelineKey key;
        REQUIRE(contract::parse_pipeline(sound.pipeline_names[last], key.pipeline));
        REQUIRE(contract::parse_target(target, key.target));
        output_place = argument_count(key);
        sound_pipeline = pipelines[static_cast<size_t>(last)];
        pipelines[static_cast<size_t>(last)] = faulty_pipeline;
        targets[faulty].pipelines = pipelines.data();
        model.targets = targets.data();
    }
    Faulty(const Faulty &) = delete;
    Faulty &operator=(const Faulty &) = delete;
};

struct Tested {
    slimscale_status status;
    std::vector<slimscale_self_test_result> results;
};

// With the linked weights, or with others.
Tested self_test(const slimscale_model &model, const std::vector<uint8_t> &weights = {}) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = 1;
    options.weights = weights.empty() ? nullptr : weights.data();
    options.weights_size = weights.size();
    Tested tested{SLIMSCALE_OK, std::vector<slimscale_self_test_result>(8)};
    for (auto &result : tested.results)
        result.size = sizeof result;
    int count = static_cast<int>(tested.results.size());
    tested.status = slimscale_self_test(&model, &options, tested.results.data(), &count);
    tested.results.resize(static_cast<size_t>(count));
    return tested;
}

}  // namespace

TEST_CASE("every target that runs here passes its self-test") {
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x4", "golden_rcan_x3", "golden_edsr_luma_x2"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        const Tested tested = self_test(*model);
        CHECK(tested.status == SLIMSCALE_OK);
        REQUIRE(tested.results.size() == static_cast<size_t>(info.target_count));
        for (size_t i = 0; i < tested.results.size(); i++) {
            const slimscale_self_test_result &result = tested.results[i];
            INFO(name << " on " << result.target << ": " << result.text);
            CHECK(std::string(result.target) == info.targets[i]);
            CHECK(result.status == (info.runnable[i] ? SLIMSCALE_OK : SLIMSCALE_UNSUPPORTED_TARGET));
            CHECK(result.difference < 1e-4);
        }
    }
}

TEST_CASE("a target with a seeded fault is named, with the channels, and no other") {
    const Place place = GENERATE(Place::best, Place::plainest);
    Faulty faulty(*model_named("golden_edsr_x2"), place);
    for (float seeded : {1.0f, NAN}) {  // on the 0..255 scale
        fault = seeded;
        const Tested tested = self_test(faulty.model);
        CHECK(tested.status == SLIMSCALE_SELF_TEST_FAILED);
        for (const slimscale_self_test_result &result : tested.results) {
            INFO(result.target << ": " << result.text);
            if (result.target != faulty.target) {
                CHECK(result.status != SLIMSCALE_SELF_TEST_FAILED);
                continue;
            }
            CHECK(result.status == SLIMSCALE_SELF_TEST_FAILED);
            CHECK(result.channels == faulty.channels);
            CHECK(std::string(result.text).find(faulty.target) != std::string::npos);
        }
    }
    fault = 0;
    CHECK(self_test(faulty.model).status == SLIMSCALE_OK);
}

TEST_CASE("weights without stored values are tested by comparing targets") {
    const TestModel m = load(model_named("golden_edsr_x2"));
    const auto weights = weights::pack(m.file);
    REQUIRE(weights);
    Tested tested = self_test(*m.model, *weights);
    CHECK(tested.status == SLIMSCALE_OK);
    CHECK(std::string(tested.results.back().text).find("hold no values") != std::string::npos);
    Faulty faulty(*m.model);
    fault = 1;
    tested = self_test(faulty.model, *weights);
    fault = 0;
    CHECK(tested.status == SLIMSCALE_SELF_TEST_FAILED);
    for (const slimscale_self_test_result &result : tested.results)
        CHECK((result.status == SLIMSCALE_SELF_TEST_FAILED) == (result.target == faulty.target));
}

TEST_CASE("where no target computes what is stored, each is named and none opens") {
    const TestModel m = load(model_named("golden_edsr_x2"));
    const int channels = m.info.channels[0];
    auto weights = weights::pack(m.file, {channels});
    REQUIRE(weights);
    // One number of the last row, half a level off.
    BlobHeader header;
    std::memcpy(&header, weights->data(), sizeof header);
    float number;
    uint8_t *last = weights->data() + header.self_test_offset + (self_test_stride(header) - 1) * sizeof number;
    std::memcpy(&number, last, sizeof number);
    number += 0.5f / 255;
    std::memcpy(last, &number, sizeof number);
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    header.crc32 = crc32(weights->data() + kCovered, weights->size() - kCovered);
    std::memcpy(weights->data(), &header, sizeof header);

    const Tested tested = self_test(*m.model, *weights);
    CHECK(tested.status == SLIMSCALE_SELF_TEST_FAILED);
    for (size_t i = 0; i < tested.results.size(); i++) {
        const slimscale_self_test_result &result = tested.results[i];
        INFO(result.text);
        CHECK(result.status == (m.info.runnable[i] ? SLIMSCALE_SELF_TEST_FAILED : SLIMSCALE_UNSUPPORTED_TARGET));
        if (!m.info.runnable[i])
            continue;
        CHECK(result.channels == channels);
        CHECK(result.difference == Approx(0.5 / 255).epsilon(0.02));
        CHECK(std::string(result.text).find("stored with the weights") != std::string::npos);
    }
    char text[400] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = options.self_test = 1;
    options.weights = weights->data();
    options.weights_size = weights->size();
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    CHECK(slimscale_open(m.model, &options, &s) == SLIMSCALE_SELF_TEST_FAILED);
    CHECK(s == nullptr);
    CHECK(std::string(text).find("no target of golden_edsr_x2 passes") != std::string::npos);
}

TEST_CASE("open passes over a target that fails, and refuses one that is named") {
    Faulty faulty(*model_named("golden_edsr_x2"));
    fault = 1;
    char text[400] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = 1;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(&faulty.model, &options, &s) == SLIMSCALE_OK);
    CHECK(slimscale_target(s) == faulty.target);  // since no self-test was asked for
    slimscale_close(s);
    options.self_test = 1;
    REQUIRE(slimscale_open(&faulty.model, &options, &s) == SLIMSCALE_OK);
    CHECK(slimscale_target(s) != faulty.target);
    CHECK(std::string(text).find(faulty.target + " was passed over") != std::string::npos);
    slimscale_close(s);
    options.target = faulty.target.c_str();
    CHECK(slimscale_open(&faulty.model, &options, &s) == SLIMSCALE_SELF_TEST_FAILED);
    CHECK(s == nullptr);
    fault = 0;
    REQUIRE(slimscale_open(&faulty.model, &options, &s) == SLIMSCALE_OK);
    CHECK(slimscale_target(s) == faulty.target);
    CHECK(std::string(text).empty());
    slimscale_close(s);
}
