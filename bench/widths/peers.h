// The files of `make peers` and bench/gpu_torch.py: other engines' times for the same networks.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::bench {

struct PeerRow {
    std::string network;  // "edsr_small"
    int scale = 0;        // 0: the file does not say
    int channels = 0;
    std::string input;                       // "320x180"
    std::string engine, version, precision;  // "onnxruntime", "1.32.0", "f32"
    int threads = 0;                         // 0: on a GPU
    double p50_ms = 0;
};

// Rows without a time (of engines that computed something else) and slimscale's own are left out.
Status parse_peers(const std::string &text, std::vector<PeerRow> &rows);

}  // namespace slimscale::bench
