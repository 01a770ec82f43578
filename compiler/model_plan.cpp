#include "compiler/model_plan.h"

#include <algorithm>

#include "generators/blocks/blocks.h"
#include "schedules/gpu/winograd.h"

namespace slimscale::generators {
namespace {

int index_of(std::vector<std::string> &names, const std::string &name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
        return static_cast<int>(found - names.begin());
    names.push_back(name);
    return static_cast<int>(names.size()) - 1;
}

std::vector<std::string> image_pipelines(const networks::Network &network) {
    const std::string colors = "_" + std::to_string(network.colors), scale = "_" + std::to_string(network.scale);
    std::vector<std::string> names(SLIMSCALE_IMAGE_PIPELINES);
    names[SLIMSCALE_LOAD_U8] = "load_u8" + colors;
    names[SLIMSCALE_LOAD_U16] = "load_u16" + colors;
    names[SLIMSCALE_LOAD_F32] = "load_f32_1";
    names[SLIMSCALE_STORE_U8] = "store_u8" + colors;
    names[SLIMSCALE_STORE_U16] = "store_u16" + colors;
    names[SLIMSCALE_STORE_F32] = "store_f32_1";
    names[SLIMSCALE_ALPHA_U8] = "alpha_u8" + scale;
    names[SLIMSCALE_ALPHA_U16] = "alpha_u16" + scale;
    names[SLIMSCALE_CLEAR] = "clear";
    return names;
}

// What a device has for a pipeline, as an entry of the plan's table.
slimscale_winograd add_winograd(ModelPlan &plan, const std::string &pipeline) {
    const blocks::Block block = blocks::block(pipeline);
    if (block.generator != "conv3x3")
        return {-1, -1, -1};
    const std::string in = block.params.at("cin"), out = block.params.at("cout");
    if (!schedules::gpu::by_winograd({std::stoi(in), std::stoi(out)}))
        return {-1, -1, -1};
    const char *output = block.params.count("add") ? "winograd_output_add_" : "winograd_output_";
    const int first = static_cast<int>(plan.pipelines.size() + plan.image_pipelines.size());
    const int input_index = index_of(plan.winograd_pipelines, "winograd_input_" + in);
    const int product_index = index_of(plan.winograd_pipelines, "winograd_product_" + in + "_" + out);
    const int output_index = index_of(plan.winograd_pipelines, output + out);
    return {first + input_index, first + product_index, first + output_index};
}

}  // namespace

std::vector<std::string> ModelPlan::pipelines_of(const Tier &tier) const {
    std::vector<std::string> all = pipelines;
    if (tier.device == Device::cpu)
        return all;
    for (size_t i = 0; i < winograd.size(); i++)
        if (winograd[i].input >= 0)
            all[i].clear();
    all.insert(all.end(), image_pipelines.begin(), image_pipelines.end());
    all.insert(all.end(), winograd_pipelines.begin(), winograd_pipelines.end());
    return all;
}

ModelPlan plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels,
                     networks::Tail tail, Convolutions convolutions) {
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    ModelPlan plan{name, network, {}, {}, image_pipelines(network), {}, {}, channels.empty() ? "no width named" : ""};
    for (int width : channels) {
        plan.error = networks::width_error(network, width);
        if (!plan.error.empty())
            return plan;
        PlannedWidth planned{networks::lower(network, width, tail), {}};
        if (!planned.program.error.empty()) {
            plan.error = network.name + ": " + planned.program.error;
            return plan;
        }
        for (const networks::Step &step : planned.program.steps)
            planned.pipelines.push_back(index_of(plan.pipelines, networks::pipeline_name(step)));
        plan.widths.push_back(std::move(planned));
    }
    if (convolutions == Convolutions::chosen)
        for (const std::string &pipeline : plan.pipelines)
            plan.winograd.push_back(add_winograd(plan, pipeline));
    return plan;
}

}  // namespace slimscale::generators
