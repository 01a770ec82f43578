// The members of the opaque slimscale_handle.
#pragma once

#include "runtime/api/pace.h"
#include "runtime/api/queue.h"
#include "runtime/api/rows.h"
#include "runtime/executor/frame_plan.h"
#include "runtime/platform/threads.h"

struct slimscale_handle {
    slimscale_allocator allocator{};
    const slimscale_model *model = nullptr;
    slimscale::runtime::Threads threads;  // unused if the caller brought a pool
    slimscale::runtime::Filters filters;
    slimscale::runtime::PlanInputs inputs{};
    slimscale::runtime::FramePlan plan;
    slimscale::runtime::Pace pace;  // of the frames that ask for a time
    slimscale::runtime::FrameQueue queue;
    slimscale::runtime::Error error;
    int channels[slimscale::runtime::kMaxWidths] = {};  // of inputs.widths
    int scale = 0;
    slimscale::runtime::RowStream rows;
};
