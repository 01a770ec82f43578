// Times one model at one size through the C API.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/widths/options.h"
#include "bench/widths/report.h"
#include "host/models.h"

namespace slimscale::bench {

struct Target {
    std::string name, device;  // "cuda", "NVIDIA GeForce RTX 3090, ..."
};

// Those of options.targets, or the default ones, that run the model here. The others go to `skipped`, each with the
// library's own sentence.
std::vector<Target> runnable_targets(const host::Model &model, const Options &options, std::vector<Skipped> &skipped);

struct FirstCall {
    double open_ms = 0, first_ms = 0;
    size_t workspace_bytes = 0, weights_bytes = 0;
};

// A fresh handle with this width alone: open; plan and one frame.
Status first_call(const host::Model &model, const std::string &target, int channels, const Size &size, int threads,
                  FirstCall &call);

// All widths on all targets, in turns. What fails goes to report.skipped. `say` is told what is being done.
void measure(const host::Model &model, const std::vector<Target> &targets, const Size &size, const Options &options,
             const std::function<void(const std::string &)> &say, Report &report);

}  // namespace slimscale::bench
