// Which of a model's targets this machine runs, and on what.
#pragma once

#include "runtime/error.h"
#include "runtime/model.h"

namespace slimscale::runtime {

// On what `tier` runs here, or why it does not (SLIMSCALE_UNSUPPORTED_TARGET), as a sentence in `text`. `device`: ordinal
// of a GPU.
slimscale_status describe_tier(const slimscale_tier &tier, int device, char *text, size_t text_size);
bool runs_here(const slimscale_tier &tier, int device);

// By name, or the first that this machine runs for "auto" and null.
slimscale_status choose_tier(const slimscale_model &model, const char *target, int device, const slimscale_tier **tier,
                             Error &error);

}  // namespace slimscale::runtime
