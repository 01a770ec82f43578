// Times of pipelines that bench_pipelines measured on a device, to stand in the report.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

struct Measured {
    std::string device, target, pipeline;
    double microseconds = 0;  // of one call on a frame of 640x360 pixels
};

// From bench_pipelines' JSON ("format": "slimscale-pipelines").
Status read_measured(const std::string &path, std::vector<Measured> &measured);

}  // namespace slimscale::generators
