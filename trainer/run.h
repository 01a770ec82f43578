// A training run, from options to a trained file.
#pragma once

#include <string>

#include "trainer/config.h"

namespace slimscale::trainer {

enum ExitCode {
    kOk = 0,
    kFailed = 1,       // the run could not go on; the last checkpoint remains
    kBadUsage = 2,     // options, data or files cannot be used
    kInterrupted = 3,  // a signal asked to stop; a checkpoint was saved first
};

struct Outcome {
    ExitCode code = kOk;
    std::string sentence;  // "" if all went well
};

// Trains until config.steps and leaves in config.out: model.safetensors (the trained file), checkpoint.safetensors,
// metrics.csv, report.html, options.toml. Prints progress on standard error. Precondition: complete(&config) succeeded.
Outcome train(const Config &config);

}  // namespace slimscale::trainer
