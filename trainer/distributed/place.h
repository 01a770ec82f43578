// The place of this process among those of a run, which launchers tell by environment variables.
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
    int attempt = 0;             // how often the launcher has restarted the processes
};

// Without RANK and WORLD_SIZE there is a single process, whatever else is set. The error names the wrong variable.
Result<Place> place_from_environment();

}  // namespace slimscale::trainer
