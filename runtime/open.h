// The steps of slimscale_open, each checking one thing.
#pragma once

#include "runtime/handle.h"

namespace slimscale::runtime {

slimscale_status check_model(const slimscale_model *model, Error &error);

slimscale_status open_handle(slimscale_handle &s, const slimscale_model &model, const slimscale_options &options,
                             Error &error);

// A tier by name, or the best that this machine runs for "auto" and null.
slimscale_status choose_tier(const slimscale_model &model, const char *target, const slimscale_tier **tier,
                             Error &error);

}  // namespace slimscale::runtime
