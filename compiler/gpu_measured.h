// Times of pipelines that bench_pipelines measured on a device, for the report on kernels.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

struct Measured {
    std::string device, target, pipeline;
    double microseconds = 0;  // of one call on a frame of 640x360 pixels
};

// Reads the JSON of bench_pipelines ("format": "slimscale-pipelines").
Status read_measured(const std::string &path, std::vector<Measured> &measured);

}  // namespace slimscale::generators
