// The contents of one model archive: the lowered network at every compiled width, and the distinct pipelines that its
// steps call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/targets.h"
#include "contract/model.h"
#include "networks/program.h"

namespace slimscale::generators {

struct PlannedWidth {
    networks::Program program;
    std::vector<int> pipelines;  // per step: index into ModelPlan::pipelines
};

struct ModelPlan {
    std::string name;  // "carn_m_x2", which the names of archive and function contain
    networks::Network network;
    std::vector<PlannedWidth> widths;           // narrowest first
    std::vector<contract::Pipeline> pipelines;  // distinct, in the order of first use
    // Device targets have these behind `pipelines`, for images on devices, in the order of slimscale_image_pipeline.
    std::vector<contract::Pipeline> image_pipelines;
    // Behind those, device targets have the distinct pipelines that compute 3x3 convolutions by Winograd. `winograd`
    // has the indices of three of them for each of `pipelines` (input < 0: it has none), or is empty.
    std::vector<contract::Pipeline> winograd_pipelines;
    std::vector<slimscale_winograd> winograd;

    // In the order of slimscale_compiled_target.pipelines; empty where a device has three Winograd pipelines instead.
    std::vector<std::optional<contract::Pipeline>> pipelines_of(const Target &target) const;
};

// Which 3x3 convolutions devices compute by Winograd: those that schedules/gpu/winograd.h names, or none.
enum class Convolutions { chosen, direct };

// `channels` are widths as channel counts, in any order; one that the network does not have is an error.
Result<ModelPlan> plan_model(const std::string &name, const networks::Network &network, std::vector<int> channels,
                             networks::Tail tail = networks::Tail::collapsed,
                             Convolutions convolutions = Convolutions::chosen);

}  // namespace slimscale::generators
