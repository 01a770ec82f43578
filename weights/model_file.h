// The trained file: safetensors whose metadata describe the network, with every tensor at width 1.0 (narrower widths
// are leading slices of them). The metadata are texts with these keys:
//
//     format "slimscale", format_version "1"
//     network.name, network.family (a name of networks/families.inc), network.scale, ...: every field of
//     networks::Network
//     trained_widths "16 64" (channel counts), license, source, notes
//
// A calibrated file also has the ranges of weights/q16.h and weights/int8.h. ModelSpec's keys (modelspec.title,
// modelspec.architecture,
// ...) are written for other programs, from the keys above, and not read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/int8.h"
#include "weights/q16.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

constexpr int kModelFileVersion = 1;

struct ModelFile {
    networks::Network network;
    std::vector<int> trained_widths;        // channel counts, ascending, not empty
    std::string license;                    // "MIT"
    std::string source;                     // where the weights come from
    std::string notes;                      // free text
    std::map<std::string, Tensor> tensors;  // by name, as networks::tensors lists them
    std::map<int, Q16Width> q16;            // by channel count; empty: uncalibrated
    std::map<int, Int8Width> int8;          // likewise
};

// Success if the file is complete and consistent: the network can be built and has the widths, every tensor is there,
// has its shape and is finite, there are no others, and ranges, if any, fit the network. The error names the first
// fault.
Status check_model(const ModelFile &model);

// All of these call check_model.
Result<ModelFile> parse_model(const uint8_t *bytes, size_t size);
Result<ModelFile> load_model(const std::string &path);
Result<std::vector<uint8_t>> serialize_model(const ModelFile &model);
Status save_model(const std::string &path, const ModelFile &model);

}  // namespace slimscale::weights
