// The trained file: safetensors whose metadata describe the network, with every tensor at width 1.0 (narrower widths
// are leading slices of them). Metadata keys, all texts:
//
//     format "slimscale", format_version "1"
//     network.name, network.family ("edsr", "rcan", "carn"), network.scale, ...: every field of networks::Network
//     trained_widths "16 64" (channel counts), license, source, notes
//
// what weights/q16.h says of ranges, in a calibrated file, and ModelSpec's keys for other programs (modelspec.title,
// modelspec.architecture, ...), which are written from the ones above and not read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/q16.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

constexpr int kModelFileVersion = 1;

struct ModelFile {
    networks::Network network;
    std::vector<int> trained_widths;  // channel counts, ascending, not empty
    std::string license;              // "MIT"
    std::string source;               // where the weights come from
    std::string notes;                // free text
    std::map<std::string, Tensor> tensors;
    std::map<int, Q16Width> q16;  // by channel count; empty: uncalibrated
};

// Success if the file is complete and consistent: a network that can be built, widths that it has, every tensor there,
// of its shape and finite, and no other; ranges that fit the network, if any; otherwise one sentence that names the
// first fault.
Status check_model(const ModelFile &model);

// All of these call check_model.
Result<ModelFile> parse_model(const uint8_t *bytes, size_t size);
Result<ModelFile> load_model(const std::string &path);
Result<std::vector<uint8_t>> serialize_model(const ModelFile &model);
Status save_model(const std::string &path, const ModelFile &model);

}  // namespace slimscale::weights
