// Where a model comes from: a trained file, or a preset without weights, which are then given at run time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/model_file.h"

namespace slimscale::generators {

struct Source {
    networks::Network network;
    std::vector<int> trained;                // widths as channel counts; empty without weights
    std::vector<int> calibrated;             // those of the file's widths that have ranges for q16, as channel counts
    std::optional<weights::ModelFile> file;  // none without weights
};

Result<Source> load_source(const std::string &model_file);
Result<Source> preset_source(const std::string &preset, int scale, int colors);

// Reads "all", "trained" (which means all without weights) or channel counts such as "16,64". Whether the network has
// these widths is not checked.
Status parse_widths(const std::string &text, const Source &source, std::vector<int> &channels);

// Whether q16 targets are compiled by default: some of `channels` are calibrated, and so are all of them that are
// trained.
bool is_calibrated(const Source &source, const std::vector<int> &channels);

// The default name of an archive: "carn_m_x2" for "dir/CARN-M.x2.safetensors".
std::string name_from_file(const std::string &path);
// Whether `name` is a name by base::kNameRule, so that it can be part of a C function's name.
Status check_name(const std::string &name);

}  // namespace slimscale::generators
