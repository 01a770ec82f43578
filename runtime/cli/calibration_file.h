// Calibrations in the user's cache folder: $XDG_CACHE_HOME/slimscale, or ~/.cache/slimscale.
//
// A file is "SLIMCAL2", the library's version, CRC-32s of the network's description and of the table, and the table as
// the C API has it. Nothing in it is believed: anything odd means "not calibrated".
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::cli {

std::string cache_folder();  // "" if neither variable is set

// "<cache>/<model>-<machine>-<threads>.calibration"; "" without a cache folder.
std::string calibration_path(const std::string &model, int threads);

// The table is sound, of this library version, model (one built anew from another network may have the same name) and
// machine, and has a row for every width on `target` with `threads`.
bool load_calibration(const std::string &path, const Model &model, const std::string &target, int threads,
                      const std::vector<int> &widths, slimscale_calibration &calibration);

// Makes the folders that are missing.
std::string save_calibration(const std::string &path, const Model &model, const slimscale_calibration &calibration);

}  // namespace slimscale::cli
