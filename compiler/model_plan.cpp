#include "compiler/model_plan.h"

#include <algorithm>

#include "schedules/gpu/winograd.h"

namespace slimscale::generators {
namespace {

using contract::Block;
using contract::Pipeline;
using contract::Sample;

int index_of(std::vector<Pipeline> &pipelines, const Pipeline &pipeline) {
    const auto found = std::find(pipelines.begin(), pipelines.end(), pipeline);
    if (found != pipelines.end())
        return static_cast<int>(found - pipelines.begin());
    pipelines.push_back(pipeline);
    return static_cast<int>(pipelines.size()) - 1;
}

Pipeline image_pipeline(Block block, size_t word, int in, int out) {
    constexpr Sample kWords[] = {Sample::u8, Sample::u16, Sample::u32};
    Pipeline pipeline = contract::pipeline(block, in, out);
    pipeline.sample = kWords[word];
    return pipeline;
}

std::vector<Pipeline> image_pipelines(const networks::Network &network) {
    std::vector<Pipeline> pipelines(SLIMSCALE_IMAGE_PIPELINES);
    for (size_t word = 0; word < 3; word++) {
        pipelines[SLIMSCALE_LOAD_U8 + word] = image_pipeline(Block::load, word, 0, network.colors);
        pipelines[SLIMSCALE_STORE_U8 + word] = image_pipeline(Block::store, word, network.colors, 0);
    }
    pipelines[SLIMSCALE_CLEAR] = contract::pipeline(Block::clear, 0);
    return pipelines;
}

// The plan's entry for a pipeline: the three pipelines that compute it by Winograd on devices, or -1.
slimscale_winograd add_winograd(ModelPlan &plan, const Pipeline &pipeline) {
    if (pipeline.block != Block::conv3x3 || !schedules::gpu::by_winograd({pipeline.in, pipeline.out}))
        return {-1, -1, -1};
    const contract::WinogradPipelines three = contract::winograd_of(pipeline);
    const int first = static_cast<int>(plan.pipelines.size() + plan.image_pipelines.size());
    const int input = index_of(plan.winograd_pipelines, three.input),
              product = index_of(plan.winograd_pipelines, three.product),
              output = index_of(plan.winograd_pipelines, three.output);
    return {first + input, first + product, first + output};
}

}  // namespace

std::vector<std::optional<Pipeline>> ModelPlan::pipelines_of(const Target &target) const {
    std::vector<std::optional<Pipeline>> all(pipelines.begin(), pipelines.end());
    if (target.on(Device::cpu))
        return all;
    for (size_t i = 0; i < winograd.size(); i++)
        if (winograd[i].input >= 0)
            all[i].reset();
    all.insert(all.end(), image_pipelines.begin(), image_pipelines.end());
    all.insert(all.end(), winograd_pipelines.begin(), winograd_pipelines.end());
    return all;
}

Result<ModelPlan> plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels,
                             networks::Tail tail, Convolutions convolutions) {
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    if (channels.empty())
        return Error{"no width named"};
    ModelPlan plan{name, network, {}, {}, image_pipelines(network), {}, {}};
    for (int width : channels) {
        SLIMSCALE_RETURN_IF_ERROR(networks::check_width(network, width));
        PlannedWidth planned;
        SLIMSCALE_ASSIGN_OR_RETURN(planned.program, networks::lower(network, width, tail), network.name + ": ");
        for (const networks::Step &step : planned.program.steps)
            planned.pipelines.push_back(index_of(plan.pipelines, networks::pipeline_of(step)));
        plan.widths.push_back(std::move(planned));
    }
    if (convolutions == Convolutions::chosen)
        for (const Pipeline &pipeline : plan.pipelines)
            plan.winograd.push_back(add_winograd(plan, pipeline));
    return plan;
}

}  // namespace slimscale::generators
