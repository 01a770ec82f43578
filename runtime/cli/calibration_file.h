// Calibrations in the user's cache folder: $XDG_CACHE_HOME/slimscale, or ~/.cache/slimscale.
//
// A file is "SLIMCAL1", the library's version, the table as the C API has it and a CRC-32 of all that. Nothing in it is
// believed: anything odd means "not calibrated".
#pragma once

#include <string>
#include <vector>

#include "slimscale/slimscale.h"

namespace slimscale::cli {

std::string cache_folder();  // "" if neither variable is set

// "<cache>/<model>-<machine>-<threads>.calibration"; "" without a cache folder.
std::string calibration_path(const std::string &model, int threads);

// The table is sound, of this library version, model and machine, and has a row for every width on `target` with
// `threads`.
bool load_calibration(const std::string &path, const std::string &model, const std::string &target, int threads,
                      const std::vector<int> &widths, slimscale_calibration &calibration);

// Makes the folders that are missing.
std::string save_calibration(const std::string &path, const slimscale_calibration &calibration);

}  // namespace slimscale::cli
