// The self-test: all targets of a sound model pass, and a target with a seeded fault is named and passed over.
#include <HalideRuntime.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "contract/arguments.h"
#include "contract/model.h"
#include "contract/text.h"
#include "tests/catch.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"

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

// A model whose best target that runs here has a faulty last step at the fewest channels.
struct Faulty {
    slimscale_model model;
    std::vector<slimscale_compiled_target> targets;
    std::vector<slimscale_pipeline> pipelines;
    std::string target;
    int channels;

    explicit Faulty(const slimscale_model &sound)
        : model(sound), targets(sound.targets, sound.targets + sound.target_count) {
        const slimscale_model_info info = describe(&sound);
        const auto best =
            static_cast<size_t>(std::find(info.runnable, info.runnable + info.target_count, 1) - info.runnable);
        REQUIRE(best + 1 < targets.size());  // another target is left to compare with
        target = targets[best].name;
        channels = sound.plans[0].channels;
        pipelines.assign(targets[best].pipelines, targets[best].pipelines + sound.pipeline_count);
        const slimscale_network_plan &plan = sound.plans[0];
        const int last = plan.steps[plan.step_count - 1].pipeline;
        contract::PipelineKey key;
        REQUIRE(contract::parse_pipeline(sound.pipeline_names[last], key.pipeline));
        REQUIRE(contract::parse_target(target, key.target));
        output_place = argument_count(key);
        sound_pipeline = pipelines[static_cast<size_t>(last)];
        pipelines[static_cast<size_t>(last)] = faulty_pipeline;
        targets[best].pipelines = pipelines.data();
        model.targets = targets.data();
    }
    Faulty(const Faulty &) = delete;
    Faulty &operator=(const Faulty &) = delete;
};

struct Tested {
    slimscale_status status;
    std::vector<slimscale_self_test_result> results;
};

Tested self_test(const slimscale_model &model) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = 1;
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

TEST_CASE("a target with a seeded fault is named, with the channels") {
    Faulty faulty(*model_named("golden_edsr_x2"));
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
