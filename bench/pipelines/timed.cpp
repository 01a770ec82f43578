#include "bench/pipelines/timed.h"

#include <HalideRuntime.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bench/peak/clocks.h"
#include "contract/arguments.h"
#include "runtime/platform/context.h"
#include "runtime/platform/device.h"

namespace slimscale::bench {
namespace {

constexpr int kMostPipelines = 256;
constexpr double kPixels = 640 * 360, kTilePixels = contract::kTile * contract::kTile;
constexpr double kRoundSeconds = 0.005;

// How many pixels of a frame one column and row of the output stands for; 0: such pipelines are not timed.
double pixels_of(const contract::Pipeline &pipeline) {
    using contract::Block;
    switch (pipeline.block) {
    case Block::winograd_input:
        return kTilePixels;
    case Block::winograd_product:
        return kTilePixels / contract::kElements;
    default: {
        const contract::ArgumentList list = contract::arguments_of(pipeline.block);
        const bool by_rows = std::any_of(list.begin(), list.end(), [](const contract::Argument &argument) {
            return argument.arg == contract::Arg::output && argument.rank >= 3;
        });
        return by_rows && pipeline.sample == contract::Sample::none ? 1 : 0;
    }
    }
}

struct Call {
    double pixels, seconds;
};

struct Pipeline {
    slimscale_pipeline function;
    std::optional<contract::PipelineKey> key;  // none for pipelines of images
    std::vector<Call> calls;
};

std::vector<Pipeline> pipelines;
int measured_rounds = 0;  // 0: calls pass through

double pixels_of(const Pipeline &pipeline, void **arguments) {
    const auto *output =
        static_cast<const halide_buffer_t *>(arguments[argument_count(*pipeline.key)]);  // the last one
    return pixels_of(pipeline.key->pipeline) * output->dim[1].extent * output->dim[2].extent;
}

int run(Pipeline &pipeline, void **arguments) {
    const int status = pipeline.function(arguments);
    if (status != 0 || measured_rounds == 0 || !pipeline.key || pixels_of(pipeline.key->pipeline) == 0)
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

// A function for each place in the table, since nothing in a call says which pipeline it is for.
template <int place>
int timed(void **arguments) {
    return run(pipelines[place], arguments);
}

template <int... places>
std::array<slimscale_pipeline, kMostPipelines> functions(std::integer_sequence<int, places...>) {
    return {timed<places>...};
}

// The keys of a target's table: those of the steps' pipelines, none for images, and those of Winograd's pipelines.
std::vector<std::optional<contract::PipelineKey>> keys_of(const slimscale_model &model,
                                                          const slimscale_compiled_target &target) {
    const int count = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines;
    std::vector<std::optional<contract::PipelineKey>> keys(static_cast<size_t>(count));
    for (int p = 0; p < model.pipeline_count; p++) {
        contract::PipelineKey key;
        if (!parse_pipeline(model.pipeline_names[p], key.pipeline) || !parse_target(target.name, key.target))
            continue;
        keys[static_cast<size_t>(p)] = key;
        if (!target.winograd || target.winograd[p].input < 0)
            continue;
        const slimscale_winograd &places = target.winograd[p];
        const contract::WinogradPipelines three = contract::winograd_of(key.pipeline);
        keys[static_cast<size_t>(places.input)] = {three.input, key.target};
        keys[static_cast<size_t>(places.product)] = {three.product, key.target};
        keys[static_cast<size_t>(places.output)] = {three.output, key.target};
    }
    return keys;
}

const slimscale_compiled_target *find_target(const slimscale_model &model, const std::string &name) {
    for (int t = 0; t < model.target_count; t++)
        if (model.targets[t].name == name && model.targets[t].device != SLIMSCALE_DEVICE_CPU)
            return &model.targets[t];
    return nullptr;
}

// The time from the large calls only: calls at a frame's edges may have a single column, and take as long as a launch.
PipelineTime time_of(const Pipeline &pipeline) {
    double largest = 0, pixels = 0, seconds = 0;
    for (const Call &call : pipeline.calls)
        largest = std::max(largest, call.pixels);
    for (const Call &call : pipeline.calls)
        if (2 * call.pixels > largest)
            pixels += call.pixels, seconds += call.seconds;
    return {pipeline.key->pipeline, static_cast<int>(pipeline.calls.size()), 1e6 * seconds / pixels * kPixels};
}

}  // namespace

bool has_device_target(const slimscale_model &model, const std::string &target) {
    return find_target(model, target) != nullptr;
}

TimedModel::TimedModel(const slimscale_model &model, const std::string &target)
    : model_(model), target_(*find_target(model, target)), target_name_(target_.name) {
    const auto keys = keys_of(model, target_);
    if (keys.size() > kMostPipelines)
        throw std::runtime_error(std::string(model.name) + " has more than " + std::to_string(kMostPipelines) +
                                 " pipelines for " + target + "; generate it with fewer widths");
    const auto all = functions(std::make_integer_sequence<int, kMostPipelines>());
    pipelines.clear();
    for (size_t i = 0; i < keys.size(); i++)
        pipelines.push_back({target_.pipelines[i], keys[i], {}});
    pipelines_.assign(all.begin(), all.begin() + static_cast<ptrdiff_t>(keys.size()));
    target_.pipelines = pipelines_.data();
    model_.target_count = 1;
    model_.targets = &target_;
    model_.target_names = &target_name_;
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
