// The steps of slimscale_open, each checking one thing.
#pragma once

#include "runtime/api/handle.h"

namespace slimscale::runtime {

// Threads of options.threads = 0: as many as the process may use processors, and as a handle takes.
int default_threads();

slimscale_status check_model(const slimscale_model *model, Error &error);

slimscale_status open_handle(slimscale_handle &s, const slimscale_model &model, const slimscale_options &options,
                             Error &error);

}  // namespace slimscale::runtime
