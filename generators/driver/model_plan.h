// What one model archive holds: the lowered network at every compiled width and the distinct pipelines that its steps
// call.
#pragma once

#include <string>
#include <vector>

#include "generators/driver/tiers.h"
#include "networks/program.h"

namespace slimscale::generators {

struct PlannedWidth {
    networks::Program program;
    std::vector<int> pipelines;  // per step: index into ModelPlan::pipelines
};

struct ModelPlan {
    std::string name;  // "carn_m_x2": in the archive's and the function's name
    networks::Network network;
    std::vector<PlannedWidth> widths;    // narrowest first
    std::vector<std::string> pipelines;  // "conv3x3_16_16", distinct, in the order of first use
    // What device tiers have behind them for images on devices, in the order of slimscale_image_pipeline.
    std::vector<std::string> image_pipelines;
    std::string error;  // "" or one sentence: the rest is then meaningless

    std::vector<std::string> pipelines_of(const Tier &tier) const;
};

// `channels` are widths as channel counts, in any order; one that the network does not have is an error.
ModelPlan plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels,
                     networks::Tail tail = networks::Tail::collapsed);

}  // namespace slimscale::generators
