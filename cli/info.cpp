#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "host/console.h"
#include "host/profile_file.h"

namespace slimscale::cli {

using namespace host;

namespace {

using Json = nlohmann::ordered_json;

constexpr int kComparedWidth = 640, kComparedHeight = 360;  // by which "auto" compares times (slimscale.h)

// Which target "auto" takes for a width, and why.
struct Choice {
    int channels;
    std::string target, reason;
};

struct ModelReport {
    Model model;
    std::string default_target;   // of the widest width; "" if it does not open here
    std::vector<Choice> choices;  // of the widths that "auto" opens
    int threads = 0;
    size_t weights_bytes = 0;  // packed for these targets
    std::string profile_path;
    bool profiled = false;
    slimscale_profile profile{};
    std::vector<slimscale_self_test_result> tests;  // of the targets, in their order; empty: not asked for
};

// Tests the targets at the channel counts that the model would be opened with.
std::vector<slimscale_self_test_result> self_test(const Model &model) {
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = !model.trained();
    std::vector<slimscale_self_test_result> tests(model.targets.size());
    for (slimscale_self_test_result &test : tests)
        test.size = sizeof test;
    int count = static_cast<int>(tests.size());
    const slimscale_status all = slimscale_self_test(model.archive, &options, tests.data(), &count);
    if (all != SLIMSCALE_OK && all != SLIMSCALE_SELF_TEST_FAILED) {  // refused before any target's turn
        for (size_t i = 0; i < tests.size(); i++) {
            tests[i].status = SLIMSCALE_SELF_TEST_FAILED;
            std::snprintf(tests[i].target, sizeof tests[i].target, "%s", model.targets[i].name.c_str());
            std::snprintf(tests[i].text, sizeof tests[i].text, "%s", slimscale_status_text(all));
        }
        return tests;
    }
    tests.resize(static_cast<size_t>(count));
    return tests;
}

bool failed(const ModelReport &report) {
    return std::any_of(report.tests.begin(), report.tests.end(),
                       [](const auto &test) { return test.status == SLIMSCALE_SELF_TEST_FAILED; });
}

ModelReport report_on(const Model &model, bool with_self_test) {
    ModelReport report;
    report.model = model;
    if (with_self_test)
        report.tests = self_test(model);
    HandleOptions options;
    options.widths = model.usable_widths(!model.trained());
    options.allow_untrained = !model.trained();
    const std::optional<slimscale_profile> measured = profile_of_processor(model, threads_of(options));
    options.profile = measured ? &*measured : nullptr;
    Upscaler upscaler;
    if (!upscaler.open(model, options).ok())
        return report;
    report.default_target = slimscale_target(upscaler.handle());
    report.threads = upscaler.threads();
    for (const int channels : upscaler.widths()) {
        slimscale_target_reason reason{};
        const char *target = slimscale_target_at(upscaler.handle(), channels, &reason);
        report.choices.push_back({channels, target, slimscale_target_reason_text(reason)});
    }
    // Only now is it known whether the kernel permits AMX, which opening asked for.
    for (Model::Target &target : report.model.targets)
        target = describe_target(model.archive, target.name);
    slimscale_plan_info plan{};
    plan.size = sizeof plan;
    if (slimscale_plan(upscaler.handle(), 1, 1) == SLIMSCALE_OK &&
        slimscale_plan_describe(upscaler.handle(), &plan) == SLIMSCALE_OK)
        report.weights_bytes = plan.weights_bytes;
    const std::string device = slimscale_device(upscaler.handle());
    report.profile_path = profile_path(model.name, device, upscaler.threads());
    report.profiled = load_profile(report.profile_path, model, {device, upscaler.threads(), {}}, report.profile);
    return report;
}

Json to_json(const ModelReport &report) {
    Json model = {{"name", report.model.name},     {"network", report.model.network}, {"scale", report.model.scale},
                  {"colors", report.model.colors}, {"widths", Json::array()},         {"targets", Json::array()}};
    for (const Model::Width &width : report.model.widths)
        model["widths"].push_back(
            {{"channels", width.channels}, {"trained", width.trained}, {"q16_ranges", width.has_ranges}});
    for (const Model::Target &target : report.model.targets)
        model["targets"].push_back({{"name", target.name},
                                    {"loss_db", slimscale_loss_db(target.name.c_str())},
                                    {"runnable", target.runnable},
                                    {target.runnable ? "on" : "reason", target.where}});
    model["default_target"] = report.default_target;
    model["auto"] = Json::array();
    for (const Choice &choice : report.choices)
        model["auto"].push_back({{"channels", choice.channels}, {"target", choice.target}, {"reason", choice.reason}});
    model["weights_bytes"] = report.weights_bytes;
    for (const slimscale_self_test_result &test : report.tests)
        model["self_test"].push_back({{"target", test.target},
                                      {"result", test.status == SLIMSCALE_OK                 ? "passed"
                                                 : test.status == SLIMSCALE_SELF_TEST_FAILED ? "failed"
                                                                                             : "not run"},
                                      {"grey_levels", 255 * test.difference},
                                      {"text", test.text}});
    model["profile"] = nullptr;
    if (!report.profiled)
        return model;
    Json costs = Json::array();
    for (uint32_t i = 0; i < report.profile.cost_count; i++) {
        const slimscale_cost &cost = report.profile.costs[i];
        costs.push_back({{"target", cost.target},
                         {"threads", cost.threads},
                         {"channels", cost.channels},
                         {"fixed_ns", cost.fixed_ns},
                         {"ns_per_pixel", cost.ns_per_pixel}});
    }
    model["profile"] = {{"path", report.profile_path}, {"costs", costs}};
    return model;
}

// The widths that have ranges for the fixed-point data type.
std::string ranges_text(const Model &model) {
    std::string text;
    for (const Model::Width &width : model.widths)
        if (width.has_ranges)
            text += (text.empty() ? "" : ", ") + std::to_string(width.channels);
    return text.empty() ? "uncalibrated; slimscale quantize, on its weights file" : text + " calibrated";
}

bool is_used(const ModelReport &report, const std::string &target) {
    return std::any_of(report.choices.begin(), report.choices.end(),
                       [&](const Choice &choice) { return choice.target == target; });
}

// "16, 32 channels on avx512_q16 (the fastest by the profile); 64 channels on amx_bf16 (...)"
std::string choices_text(const ModelReport &report) {
    std::string text;
    for (size_t i = 0, end = 0; i < report.choices.size(); i = end) {
        const Choice &first = report.choices[i];
        text += i ? "; " : "";
        for (end = i; end < report.choices.size() && report.choices[end].target == first.target &&
                      report.choices[end].reason == first.reason;
             end++)
            text += (end > i ? ", " : "") + std::to_string(report.choices[end].channels);
        text += " channels on " + first.target + " (" + first.reason + ")";
    }
    return text;
}

// "37.2 / 108.0 / - ms": of the widths that "auto" opens.
std::string times_text(const ModelReport &report, const std::string &target) {
    std::string text;
    for (const Choice &choice : report.choices) {
        int chosen = 0;
        double ms = 0;
        const bool known = slimscale_choose(&report.profile, target.c_str(), report.threads, &choice.channels, 1,
                                            kComparedWidth, kComparedHeight, 1, &chosen, &ms, nullptr) == SLIMSCALE_OK;
        text += (text.empty() ? "" : " / ") + (known ? base::decimal(ms, 1) : "-");
    }
    return text + " ms";
}

// A line per target: what its arithmetic may cost of PSNR, and its times.
void print_times(const ModelReport &report) {
    std::printf("for a frame of %dx%d at ", kComparedWidth, kComparedHeight);
    for (size_t i = 0; i < report.choices.size(); i++)
        std::printf("%s%d", i ? " / " : "", report.choices[i].channels);
    std::printf(" channels, %d thread%s\n", report.threads, report.threads == 1 ? "" : "s");
    for (const Model::Target &target : report.model.targets)
        if (target.runnable)
            std::printf("              %-11s loses at most %g dB, %s\n", target.name.c_str(),
                        slimscale_loss_db(target.name.c_str()), times_text(report, target.name).c_str());
}

void print_model(const ModelReport &report) {
    std::printf("\n%s  (network %s, x%d, %s)\n", report.model.name.c_str(), report.model.network.c_str(),
                report.model.scale, report.model.colors == 1 ? "gray" : "color");
    std::printf("  widths      ");
    for (const Model::Width &width : report.model.widths)
        std::printf("%d%s  ", width.channels, width.trained ? " trained" : " untrained");
    std::printf("\n  targets     ");
    for (const Model::Target &target : report.model.targets)
        std::printf("%s%s  ", target.name.c_str(),
                    is_used(report, target.name) ? " (used)"
                    : target.runnable            ? ""
                                                 : " (not on this machine)");
    for (const Model::Target &target : report.model.targets)
        if (!target.runnable || target.where != slimscale_machine())  // a GPU, or what is missing
            std::printf("\n  %-11s %s", target.name.c_str(), target.where.c_str());
    for (const slimscale_self_test_result &test : report.tests)
        std::printf("\n  %s %-11s %s", &test == &report.tests.front() ? "self-test  " : "           ", test.target,
                    test.status == SLIMSCALE_OK && !test.text[0] ? "passed" : test.text);
    if (!report.choices.empty())
        std::printf("\n  auto        %s", choices_text(report).c_str());
    if (report.weights_bytes > 0)
        std::printf("\n  filters     %s in memory", base::bytes_text(report.weights_bytes).c_str());
    std::printf("\n  q16 ranges  %s", ranges_text(report.model).c_str());
    std::printf("\n  profile     ");
    if (!report.profiled) {
        std::printf("none yet; slimscale profile --model %s\n", report.model.name.c_str());
        return;
    }
    print_times(report);
}

}  // namespace

int run_info(const InfoOptions &options) {
    std::vector<ModelReport> reports;
    for (const Model &model : compiled_models())
        reports.push_back(report_on(model, options.self_test));
    const int code = std::any_of(reports.begin(), reports.end(), failed) ? kCannotRun : kOk;
    if (options.json) {
        Json all = {{"version", version()},
                    {"machine", slimscale_machine()},
                    {"threads", slimscale_default_threads()},
                    {"cache", cache_folder()},
                    {"models", Json::array()}};
        for (const ModelReport &report : reports)
            all["models"].push_back(to_json(report));
        std::printf("%s\n", all.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
        return code;
    }
    std::printf("slimscale %s\nmachine  %s, %d threads\ncache    %s\n", version().c_str(), slimscale_machine(),
                slimscale_default_threads(), cache_folder().c_str());
    for (const ModelReport &report : reports)
        print_model(report);
    if (reports.empty())
        std::printf("\nno model is compiled in; run: make generate\n");
    return code;
}

}  // namespace slimscale::cli
