#include "bench/pipelines/timed.h"

#include <HalideRuntime.h>

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>
#include <utility>

#include "bench/peak/clocks.h"
#include "runtime/platform/context.h"
#include "runtime/platform/device.h"

namespace slimscale::bench {
namespace {

constexpr int kMostPipelines = 256;
constexpr double kPixels = 640 * 360, kTilePixels = 16;
constexpr double kRoundSeconds = 0.005;

// Of a pipeline's name: where its output lies among the arguments (generators/README.md), and how many pixels of a frame
// stand for one of its columns and rows.
struct Kind {
    std::regex name;
    int output;
    double pixels;
};

const Kind *kind_of(const std::string &name) {
    static const std::vector<Kind> kinds{
        {std::regex("(head|tail4?)_.*"), 8, 1},
        {std::regex("conv3x3_\\d+_\\d+"), 9, 1},
        {std::regex("conv3x3_add_.*"), 12, 1},
        {std::regex("conv1x1_\\d+_\\d+_n1"), 9, 1},
        {std::regex("conv1x1_\\d+_\\d+_n2"), 12, 1},
        {std::regex("conv1x1_\\d+_\\d+_n3"), 15, 1},
        {std::regex("conv1x1_\\d+_\\d+_n4"), 18, 1},
        {std::regex("conv1x1_add_\\d+_\\d+_n1"), 12, 1},
        {std::regex("conv1x1_add_\\d+_\\d+_n2"), 15, 1},
        {std::regex("conv1x1_add_\\d+_\\d+_n3"), 18, 1},
        {std::regex("conv1x1_add_\\d+_\\d+_n4"), 21, 1},
        {std::regex("attend_.*"), 9, 1},
        {std::regex("winograd_input_.*"), 6, kTilePixels},
        {std::regex("winograd_product_.*"), 3, kTilePixels / 36},
        {std::regex("winograd_output_\\d+"), 4, 1},
        {std::regex("winograd_output_add_.*"), 8, 1},
    };
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const Kind &kind) { return std::regex_match(name, kind.name); });
    return found == kinds.end() ? nullptr : &*found;
}

struct Call {
    double pixels, seconds;
};

struct Pipeline {
    slimscale_pipeline function;
    std::string name;
    const Kind *kind;
    std::vector<Call> calls;
};

std::vector<Pipeline> pipelines;
int measured_rounds = 0;  // 0: calls pass through

double pixels_of(const Pipeline &pipeline, void **arguments) {
    const auto *output = static_cast<const halide_buffer_t *>(arguments[pipeline.kind->output]);
    return pipeline.kind->pixels * output->dim[1].extent * output->dim[2].extent;
}

int run(Pipeline &pipeline, void **arguments) {
    const int status = pipeline.function(arguments);
    if (status != 0 || measured_rounds == 0 || !pipeline.kind)
        return status;
    runtime::Device &device = *(*static_cast<runtime::Context **>(arguments[0]))->call->device;
    runtime::Error error;
    Call call{pixels_of(pipeline, arguments), 1e9};
    int count = 1;
    for (int round = 0; round < measured_rounds; round++) {
        if (device.finish(error) != SLIMSCALE_OK)
            return halide_error_code_device_run_failed;
        const double start = wall_seconds();
        for (int i = 0; i < count; i++)
            if (const int failed = pipeline.function(arguments))
                return failed;
        if (device.finish(error) != SLIMSCALE_OK)
            return halide_error_code_device_run_failed;
        const double seconds = wall_seconds() - start;
        call.seconds = std::min(call.seconds, seconds / count);
        count = std::max(1, static_cast<int>(kRoundSeconds / call.seconds));
    }
    pipeline.calls.push_back(call);
    return 0;
}

// The runtime calls functions without anything that says which: one for each place in the table.
template <int place>
int timed(void **arguments) {
    return run(pipelines[place], arguments);
}

template <int... places>
std::array<slimscale_pipeline, kMostPipelines> functions(std::integer_sequence<int, places...>) {
    return {timed<places>...};
}

// Names of what a tier has: those of the steps, "" for images, and Winograd's by the steps that they compute.
std::vector<std::string> names_of(const slimscale_model &model, const slimscale_tier &tier) {
    static const std::regex convolution("conv3x3_(add_)?(\\d+)_(\\d+)");
    const int count = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES + tier.winograd_pipelines;
    std::vector<std::string> names(static_cast<size_t>(count));
    for (int p = 0; p < model.pipeline_count; p++) {
        names[static_cast<size_t>(p)] = model.pipeline_names[p];
        std::cmatch match;
        if (!tier.winograd || tier.winograd[p].input < 0 || !std::regex_match(model.pipeline_names[p], match, convolution))
            continue;
        const slimscale_winograd &three = tier.winograd[p];
        const std::string in = match[2], out = match[3], add = match[1];
        names[static_cast<size_t>(three.input)] = "winograd_input_" + in;
        names[static_cast<size_t>(three.product)] = "winograd_product_" + in + "_" + out;
        names[static_cast<size_t>(three.output)] = "winograd_output_" + add + out;
    }
    return names;
}

const slimscale_tier *tier_of(const slimscale_model &model, const std::string &target) {
    for (int t = 0; t < model.tier_count; t++)
        if (model.tiers[t].target == target && model.tiers[t].device != SLIMSCALE_DEVICE_CPU)
            return &model.tiers[t];
    return nullptr;
}

// From the large calls alone: at a frame's edges some are a column, and take what a launch takes.
PipelineTime time_of(const Pipeline &pipeline) {
    double largest = 0, pixels = 0, seconds = 0;
    for (const Call &call : pipeline.calls)
        largest = std::max(largest, call.pixels);
    for (const Call &call : pipeline.calls)
        if (2 * call.pixels > largest)
            pixels += call.pixels, seconds += call.seconds;
    return {pipeline.name, static_cast<int>(pipeline.calls.size()), 1e6 * seconds / pixels * kPixels};
}

}  // namespace

bool has_device_target(const slimscale_model &model, const std::string &target) {
    return tier_of(model, target) != nullptr;
}

TimedModel::TimedModel(const slimscale_model &model, const std::string &target)
    : model_(model), tier_(*tier_of(model, target)), target_(tier_.target) {
    const std::vector<std::string> names = names_of(model, tier_);
    if (names.size() > kMostPipelines)
        throw std::runtime_error(std::string(model.name) + " has more than " + std::to_string(kMostPipelines) +
                                 " pipelines for " + target + "; generate it with fewer widths");
    const auto all = functions(std::make_integer_sequence<int, kMostPipelines>());
    pipelines.clear();
    for (size_t i = 0; i < names.size(); i++)
        pipelines.push_back({tier_.pipelines[i], names[i], kind_of(names[i]), {}});
    pipelines_.assign(all.begin(), all.begin() + static_cast<ptrdiff_t>(names.size()));
    tier_.pipelines = pipelines_.data();
    model_.tier_count = 1;
    model_.tiers = &tier_;
    model_.targets = &target_;
}

TimedModel::~TimedModel() {
    pipelines.clear();
}

void TimedModel::start(int rounds) {
    measured_rounds = rounds;
}

std::vector<PipelineTime> TimedModel::stop() {
    measured_rounds = 0;
    std::vector<PipelineTime> times;
    for (Pipeline &pipeline : pipelines) {
        if (!pipeline.calls.empty())
            times.push_back(time_of(pipeline));
        pipeline.calls.clear();
    }
    return times;
}

}  // namespace slimscale::bench
