// A network's description as texts: metadata of a trained file, options of command lines. Internal to this folder and
// its tests.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "networks/networks.h"

namespace slimscale::weights {

using Metadata = std::map<std::string, std::string>;

void write_network(const networks::Network &network, Metadata *metadata);
Result<networks::Network> read_network(const Metadata &metadata);

std::string widths_text(const std::vector<int> &widths);         // "16 64"
Result<std::vector<int>> parse_widths(const std::string &text);  // numbers separated by spaces or commas

// Spelled as in the metadata and on command lines.
std::string family_text(networks::Family family);  // "edsr"
std::string slicing_text(networks::Slicing slicing);
Result<networks::Slicing> parse_slicing(const std::string &text);

}  // namespace slimscale::weights
