// The command line of slimscale_tune.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "bench/tune/tune.h"

namespace slimscale::bench {

struct TuneOptions {
    std::vector<std::string> targets;  // empty: those with tables that this machine runs
    std::vector<std::string> blocks;   // empty: those of the built-in models
    double minutes = 10;
    int threads = 0;  // 0: one per usable processor
    std::string out = "build/schedules.txt", cache = "build/tune", machine;
    Settings settings;
};

// Returns the exit status of the process, or -1 to go on. Prints what is wrong.
int parse_tune_options(int argc, char **argv, TuneOptions &options);

// Lists what is to be tuned, in order.
Status plan_jobs(const TuneOptions &options, std::vector<Job> &jobs);

}  // namespace slimscale::bench
