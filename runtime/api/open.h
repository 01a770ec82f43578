// The steps of slimscale_open. Each checks one thing.
#pragma once

#include "runtime/api/handle.h"

namespace slimscale::runtime {

// The number of threads for options.threads = 0: one per processor that the process may use, up to the handle's
// maximum.
int default_threads();

slimscale_status check_model(const slimscale_model *model, Error &error);

slimscale_status open_handle(slimscale_handle &s, const slimscale_model &model, const slimscale_options &options,
                             Error &error);

}  // namespace slimscale::runtime
