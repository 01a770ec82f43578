#include "host/profile_file.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "contract/crc32.h"

namespace slimscale::host {
namespace {

constexpr uint32_t kLibraryVersion =
    SLIMSCALE_VERSION_MAJOR * 1000000 + SLIMSCALE_VERSION_MINOR * 1000 + SLIMSCALE_VERSION_PATCH;

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

// Keeps letters, digits, dots and underscores; every run of other characters becomes one dash, none at the ends.
std::string file_name_part(const std::string &text) {
    std::string part;
    for (char c : text) {
        const bool kept = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_';
        if (kept || (!part.empty() && part.back() != '-'))
            part += kept ? c : '-';
    }
    return part.substr(0, part.find_last_not_of('-') + 1);
}

// A checksum of what makes networks of one name slower or faster.
uint32_t network_crc(const Model &model) {
    std::string text = model.network;
    for (int number : {model.scale, model.colors, model.channels})
        text += "|" + std::to_string(number);
    for (const Model::Width &width : model.widths)
        text += "|" + std::to_string(width.channels);
    return crc32(text.data(), text.size());
}

template <size_t size>
bool holds(const char (&field)[size], const std::string &text) {
    return std::memchr(field, 0, size) && field == text;
}

// The line before the profile's own text.
std::string head(const Model &model, const std::string &text) {
    char line[80];
    std::snprintf(line, sizeof line, "slimscale cache %u %08x %08x\n", kLibraryVersion, network_crc(model),
                  crc32(text.data(), text.size()));
    return line;
}

bool has_row(const slimscale_profile &table, const std::string &target, int threads, int width) {
    for (uint32_t i = 0; i < table.cost_count; i++)
        if (table.costs[i].channels == width && table.costs[i].threads == threads && target == table.costs[i].target)
            return true;
    return false;
}

}  // namespace

std::string cache_folder() {
    const std::string cache = environment("XDG_CACHE_HOME"), home = environment("HOME");
    if (!cache.empty() && cache[0] == '/')  // the XDG specification has relative ones ignored
        return cache + "/slimscale";
    return home.empty() ? "" : home + "/.cache/slimscale";
}

std::string profile_path(const std::string &model, const std::string &device, int threads) {
    const std::string folder = cache_folder();
    if (folder.empty())
        return "";
    return folder + "/" + file_name_part(model) + "-" + file_name_part(device) + "-" + std::to_string(threads) +
           ".profile";
}

ProfileKey key_of(const slimscale_handle *handle, int threads, const std::vector<int> &widths) {
    ProfileKey key{slimscale_device(handle), threads, {}};
    for (const int channels : widths)
        key.rows.push_back({channels, slimscale_target_at(handle, channels, nullptr)});
    return key;
}

bool load_profile(const std::string &path, const Model &model, const ProfileKey &key, slimscale_profile &profile) {
    const Result<std::string> file = base::read_text(path);
    if (!file)
        return false;
    const size_t line = file->find('\n');
    if (line == std::string::npos)
        return false;
    const std::string text = file->substr(line + 1);
    slimscale_profile read;
    if (file->substr(0, line + 1) != head(model, text) ||
        slimscale_profile_from_text(text.data(), text.size(), &read, nullptr, 0) != SLIMSCALE_OK)
        return false;
    if (!holds(read.model, model.name) || !holds(read.machine, key.device))
        return false;
    for (const ProfileKey::Row &row : key.rows)
        if (!has_row(read, row.target, key.threads, row.channels))
            return false;
    profile = read;
    return true;
}

std::optional<slimscale_profile> profile_of_processor(const Model &model, int threads) {
    const char *machine = slimscale_machine();
    slimscale_profile profile{};
    if (!load_profile(profile_path(model.name, machine, threads), model, {machine, threads, {}}, profile))
        return std::nullopt;
    return profile;
}

Status save_profile(const std::string &path, const Model &model, const slimscale_profile &given) {
    if (path.empty())
        return Error{"there is no cache folder: set XDG_CACHE_HOME or HOME"};
    slimscale_profile profile = given, before{};
    if (load_profile(path, model, {given.machine, 0, {}}, before) &&
        slimscale_merge_profile(&before, &given) == SLIMSCALE_OK)
        profile = before;
    std::error_code code;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
    if (code)
        return Error{path + ": its folder cannot be made: " + code.message()};
    std::string text(slimscale_profile_to_text(&profile, nullptr, 0), '\0');
    if (text.empty())
        return Error{"the profile of " + model.name + " is damaged; please report this"};
    slimscale_profile_to_text(&profile, text.data(), text.size());
    text.pop_back();  // the zero
    const std::string file = head(model, text) + text;
    return base::write_file(path, file.data(), file.size());
}

}  // namespace slimscale::host
