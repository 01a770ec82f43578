// A training run from options to trained file.
#pragma once

#include <string>

#include "trainer/config.h"

namespace slimscale::trainer {

enum ExitCode {
    kOk = 0,
    kFailed = 1,       // the run could not go on; the last checkpoint stands
    kBadUsage = 2,     // options, data or files that cannot be used
    kInterrupted = 3,  // asked to stop, by a signal: saved first
};

struct Outcome {
    ExitCode code = kOk;
    std::string sentence;  // "" if all went well
};

// Trains until config.steps and leaves in config.out: model.safetensors (the trained file), checkpoint.safetensors,
// metrics.csv, report.html, options.toml. Prints progress on standard error. Precondition: complete(&config) gave "".
Outcome train(const Config &config);

}  // namespace slimscale::trainer
