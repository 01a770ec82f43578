// Decides which of a model's targets this machine runs, and on which device.
#pragma once

#include "runtime/executor/backend.h"
#include "runtime/platform/device.h"

namespace slimscale::runtime {

// The model's target of this name; null: it has none.
const slimscale_compiled_target *find_target(const slimscale_model &model, const char *name);

// Whether this machine runs the target, and on what, or why not. Of AMX the kernel is asked again where it refused
// before, and not asked where it has not been yet.
slimscale_status describe_target(const slimscale_compiled_target &target, const DeviceOptions &options, char *text,
                                 size_t text_size);
bool runs_here(const slimscale_compiled_target &target);  // on device 0

// The backend for a target's kind of device.
const Backend &backend_of(const slimscale_compiled_target &target);

// Whether filters packed for one target serve the other's pipelines.
bool share_filters(const slimscale_compiled_target &a, const slimscale_compiled_target &b);

// Chooses the target called `name`; for "auto" or null the first one, from index `from` on, that this machine runs. A
// device that is requested by number, context or stream must exist in either case. `uncalibrated` is an opened width
// whose weights hold no ranges for q16, which rules out q16 targets; null if all opened widths have ranges.
slimscale_status choose_target(const slimscale_model &model, const char *name, const DeviceOptions &options, int from,
                               const slimscale_network_plan *uncalibrated, const slimscale_compiled_target **target,
                               Error &error);
bool is_automatic(const char *target);

}  // namespace slimscale::runtime
