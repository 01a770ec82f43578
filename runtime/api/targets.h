// Which of a model's targets this machine runs, and on what.
#pragma once

#include "runtime/executor/backend.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

bool runs_here(const slimscale_compiled_target &target);  // on device 0

// How frames run on a target's kind of device.
const Backend &backend_of(const slimscale_compiled_target &target);

// Whether filters packed for one target serve the other's pipelines.
bool share_filters(const slimscale_compiled_target &a, const slimscale_compiled_target &b);

// By name, or for "auto" and null the first from index `from` on that this machine runs. A device that is asked for by
// number, context or stream must be there even so. `uncalibrated`: an opened width without ranges for q16 in the
// weights, which rules such targets out; null if all have them.
slimscale_status choose_target(const slimscale_model &model, const char *name, const DeviceOptions &options, int from,
                               const slimscale_network_plan *uncalibrated, const slimscale_compiled_target **target,
                               Error &error);
bool is_automatic(const char *target);

}  // namespace slimscale::runtime
