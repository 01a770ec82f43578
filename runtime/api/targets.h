// Which of a model's targets this machine runs, and on what.
#pragma once

#include "runtime/drivers/device.h"

namespace slimscale::runtime {

// On what `tier` runs here, or why it does not (SLIMSCALE_UNSUPPORTED_TARGET), as a sentence in `text`.
slimscale_status describe_tier(const slimscale_tier &tier, const DeviceOptions &options, char *text, size_t text_size);
bool runs_here(const slimscale_tier &tier);  // on device 0

// By name, or for "auto" and null the first from index `from` on that this machine runs. A device that is asked for by
// number, context or stream must be there even so. `uncalibrated`: an opened width without ranges for q16 in the
// weights, which rules such tiers out; null if all have them.
slimscale_status choose_tier(const slimscale_model &model, const char *target, const DeviceOptions &options, int from,
                             const slimscale_network_plan *uncalibrated, const slimscale_tier **tier, Error &error);
bool is_automatic(const char *target);

}  // namespace slimscale::runtime
