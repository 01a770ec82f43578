// Profiles in the user's cache folder, which all programs share: $XDG_CACHE_HOME/slimscale, or ~/.cache/slimscale.
//
// A file is a line, "slimscale cache", the library's version, CRC-32s of the network's description and of what follows,
// and then the profile's text (slimscale_profile_to_text). Nothing in it is believed: anything odd means "not
// profiled".
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

std::string cache_folder();  // "" if neither variable is set

// "<cache>/<model>-<device>-<threads>.profile"; "" without a cache folder. `device`: slimscale_device.
std::string profile_path(const std::string &model, const std::string &device, int threads);

// What a handle asks of a profile.
struct ProfileKey {
    std::string device, target;
    int threads;
    std::vector<int> widths;
};

// The table is sound, of this library version, model (one built anew from another network may have the same name) and
// device, and has a row for every width on the target with so many threads.
bool load_profile(const std::string &path, const Model &model, const ProfileKey &key, slimscale_profile &profile);

// Makes the folders that are missing.
Status save_profile(const std::string &path, const Model &model, const slimscale_profile &profile);

}  // namespace slimscale::host
