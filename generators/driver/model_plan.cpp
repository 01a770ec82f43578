#include "generators/driver/model_plan.h"

#include <algorithm>

#include "runtime/model.h"

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

}  // namespace

std::vector<std::string> ModelPlan::pipelines_of(const Tier &tier) const {
    std::vector<std::string> all = pipelines;
    if (tier.device != Device::cpu)
        all.insert(all.end(), image_pipelines.begin(), image_pipelines.end());
    return all;
}

ModelPlan plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels,
                     networks::Tail tail) {
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    ModelPlan plan{name, network, {}, {}, image_pipelines(network), channels.empty() ? "no width named" : ""};
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
    return plan;
}

}  // namespace slimscale::generators
