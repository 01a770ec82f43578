#include "generators/driver/model_plan.h"

#include <algorithm>

namespace slimscale::generators {
namespace {

int index_of(std::vector<std::string> &names, const std::string &name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
        return static_cast<int>(found - names.begin());
    names.push_back(name);
    return static_cast<int>(names.size()) - 1;
}

}  // namespace

ModelPlan plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels) {
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    ModelPlan plan{name, network, {}, {}, channels.empty() ? "no width named" : ""};
    for (int width : channels) {
        plan.error = networks::width_error(network, width);
        if (!plan.error.empty())
            return plan;
        PlannedWidth planned{networks::lower(network, width), {}};
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
