// The members of the opaque slimscale_handle.
#pragma once

#include <iterator>

#include "contract/compiled_target.h"
#include "runtime/api/pace.h"
#include "runtime/api/queue.h"
#include "runtime/api/rows.h"
#include "runtime/executor/frame_plan.h"
#include "runtime/platform/threads.h"

namespace slimscale::runtime {

// The filters in one data type, and the opened widths whose targets read them.
struct FilterSet {
    Filters filters;
    const slimscale_network_plan *widths[kMaxWidths] = {};
    int width_count = 0;
};

constexpr int kFilterSets = static_cast<int>(std::size(contract::kTypeNames));

}  // namespace slimscale::runtime

struct slimscale_handle {
    slimscale_allocator allocator{};
    const slimscale_model *model = nullptr;
    slimscale::runtime::Threads threads;                                     // unused if the caller brought a pool
    slimscale::runtime::FilterSet filters[slimscale::runtime::kFilterSets];  // by contract::DataType
    size_t filter_count = 0;                                                 // of the weights
    slimscale::runtime::PlanInputs inputs{};
    slimscale::runtime::FramePlan plan;
    slimscale::runtime::Pace pace;  // of the frames that ask for a time
    slimscale::runtime::FrameQueue queue;
    slimscale::runtime::Error error;
    int channels[slimscale::runtime::kMaxWidths] = {};                     // of inputs.widths
    slimscale_target_reason reasons[slimscale::runtime::kMaxWidths] = {};  // of inputs.targets

    // The target of the most channels.
    const slimscale_compiled_target &widest_target() const { return *inputs.targets[inputs.width_count - 1]; }
    int scale = 0;
    slimscale::runtime::RowStream rows;
};
