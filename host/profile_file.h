// Profiles in the user's cache folder, which all programs share: $XDG_CACHE_HOME/slimscale, or ~/.cache/slimscale.
//
// A file is one line ("slimscale cache", the library's version, CRC-32s of the network's description and of the rest)
// and then the profile's text (slimscale_profile_to_text). Everything in it is checked; any fault means "not profiled".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

std::string cache_folder();  // "" if neither variable is set

// "<cache>/<model>-<device>-<threads>.profile"; "" without a cache folder. `device`: slimscale_device.
std::string profile_path(const std::string &model, const std::string &device, int threads);

// What a profile must be for, and the rows that it must have.
struct ProfileKey {
    struct Row {
        int channels;
        std::string target;
    };
    std::string device;  // slimscale_device
    int threads;
    std::vector<Row> rows;  // with so many threads
};

// What an opened handle needs: a row for each of the widths on its target.
ProfileKey key_of(const slimscale_handle *handle, int threads, const std::vector<int> &widths);

// True if the file's profile is sound, is of this library version, model (one that was built anew from another network
// may have the same name) and device, and has the rows.
bool load_profile(const std::string &path, const Model &model, const ProfileKey &key, slimscale_profile &profile);

// The profile that "auto" goes by where nobody gives one: of this processor with so many threads, from the cache
// folder.
std::optional<slimscale_profile> profile_of_processor(const Model &model, int threads);

// Puts the profile's rows into the file. Rows that a sound file has for other targets, channels or threads stay, as far
// as there is room. Replaces the file as a whole, and makes the folders that are missing. The error says what failed.
Status save_profile(const std::string &path, const Model &model, const slimscale_profile &profile);

}  // namespace slimscale::host
