// Where a model comes from: a trained file, or the bare description of a network (its weights are then given at run
// time).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"

namespace slimscale::generators {

struct Source {
    networks::Network network;
    std::vector<int> trained;     // widths as channel counts; empty without weights
    std::vector<int> calibrated;  // likewise: those with ranges for q16
    std::vector<uint8_t> blob;    // packed; empty without weights
};

Result<Source> load_source(const std::string &model_file);
Result<Source> preset_source(const std::string &preset, int scale, int colors);

// "all", "trained" or "16,64" as channel counts.
Status parse_widths(const std::string &text, const Source &source, std::vector<int> &channels);

// Whether q16 targets are compiled by default: some of `channels` are calibrated, and so are all of them that are
// trained.
bool is_calibrated(const Source &source, const std::vector<int> &channels);

// "carn_m_x2" for dir/CARN-M.x2.safetensors' stem "CARN-M.x2" -> "carn_m_x2": what an archive is called by default.
std::string name_from_file(const std::string &path);
// Whether `name` can be part of a C function's name.
Status check_name(const std::string &name);

}  // namespace slimscale::generators
