// The steps of slimscale_open. Each checks one thing.
#pragma once

#include "runtime/api/handle.h"
#include "runtime/api/targets.h"

namespace slimscale::runtime {

// The number of threads for options.threads = 0: one per processor that the process may use, up to the handle's
// maximum.
int default_threads();

slimscale_status check_model(const slimscale_model *model, Error &error);

// slimscale_open without a self-test, of a model and options that were checked. "auto" does not take the targets of the
// model that are passed over. *out is null on failure.
slimscale_status open_model(const slimscale_model &model, const slimscale_options &options,
                            const bool (&passed_over)[kMaxTargets], slimscale_handle **out, Error &error);

}  // namespace slimscale::runtime
