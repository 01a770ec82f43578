// Where this process stands among those of a run, as launchers say it by environment variables.
#pragma once

#include <string>

#include "base/status.h"

namespace slimscale::trainer {

struct Place {
    int rank = 0, size = 1;      // RANK, WORLD_SIZE
    int local_rank = 0;          // LOCAL_RANK: the GPU of this machine
    std::string master;          // MASTER_ADDR: where process 0 runs
    int port = 0;                // MASTER_PORT
    bool store_is_kept = false;  // the launcher (torchrun) keeps the store at that port, not process 0
    int attempt = 0;             // how often the launcher started the processes anew
};

// Neither RANK nor WORLD_SIZE: a single process, whatever else is set. Errors name the variable.
Result<Place> place_from_environment();

}  // namespace slimscale::trainer
