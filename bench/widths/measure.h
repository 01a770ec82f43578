// Times one model at one size through the C API.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/widths/options.h"
#include "bench/widths/report.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::bench {

struct Target {
    std::string name, device;  // "cuda", "NVIDIA GeForce RTX 3090, ..."
};

// Those of options.targets, or of the default ones, that run the model here. The others go to `skipped`, each with the
// library's error.
std::vector<Target> runnable_targets(const host::Model &model, const Options &options, std::vector<Skipped> &skipped);

struct FirstCall {
    double open_ms = 0, first_ms = 0;
    size_t workspace_bytes = 0, weights_bytes = 0;
};

// Times a fresh handle with only this width: opening it, then a plan and one frame.
Status first_call(const host::Model &model, const std::string &target, int channels, const Size &size,
                  slimscale_format format, int threads, FirstCall &call);

// The format that options.format names; without one, of 8 bits: gray for luma networks, RGB for the others.
Result<slimscale_format> format_of(const host::Model &model, const Options &options);

// Times all widths on all targets, in turns. Targets that fail go to report.skipped. Calls `say` with what is going on.
void measure(const host::Model &model, const std::vector<Target> &targets, const Size &size, slimscale_format format,
             const Options &options, const std::function<void(const std::string &)> &say, Report &report);

}  // namespace slimscale::bench
