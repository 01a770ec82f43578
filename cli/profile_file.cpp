#include "cli/profile_file.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "contract/crc32.h"

namespace slimscale::cli {

using namespace host;

namespace {

struct ProfileFile {
    char magic[8];
    uint32_t library_version;
    uint32_t network_crc;
    uint32_t table_crc;
    uint32_t zero;  // in place of padding, so that every byte is checked
    slimscale_profile table;
};

constexpr char kMagic[8] = {'S', 'L', 'I', 'M', 'C', 'A', 'L', '2'};
constexpr uint32_t kLibraryVersion =
    SLIMSCALE_VERSION_MAJOR * 1000000 + SLIMSCALE_VERSION_MINOR * 1000 + SLIMSCALE_VERSION_PATCH;

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

// Letters, digits, dots and underscores; every run of others becomes one dash.
std::string file_name_part(const std::string &text) {
    std::string part;
    for (char c : text) {
        const bool kept = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_';
        if (kept || (!part.empty() && part.back() != '-'))
            part += kept ? c : '-';
    }
    return part.substr(0, part.find_last_not_of('-') + 1);
}

// What makes a network slower or faster under the same name.
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

bool sound(const slimscale_cost &cost) {
    return std::memchr(cost.target, 0, sizeof cost.target) && std::isfinite(cost.fixed_ns) &&
           std::isfinite(cost.ns_per_pixel) && cost.ns_per_pixel >= 0 && cost.fixed_ns >= 0;
}

bool sound(const slimscale_profile &table) {
    if (table.size != sizeof table || table.version != SLIMSCALE_PROFILE_VERSION ||
        table.cost_count > SLIMSCALE_MAX_COSTS)
        return false;
    for (uint32_t i = 0; i < table.cost_count; i++)
        if (!sound(table.costs[i]))
            return false;
    return true;
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

bool load_profile(const std::string &path, const Model &model, const ProfileKey &key, slimscale_profile &profile) {
    const Result<std::vector<uint8_t>> bytes = base::read_file(path);
    ProfileFile file;
    if (!bytes || bytes->size() != sizeof file)
        return false;
    std::memcpy(&file, bytes->data(), sizeof file);
    if (std::memcmp(file.magic, kMagic, sizeof kMagic) != 0 || file.library_version != kLibraryVersion ||
        file.network_crc != network_crc(model) || file.zero != 0 ||
        file.table_crc != crc32(&file.table, sizeof file.table) || !sound(file.table))
        return false;
    if (!holds(file.table.model, model.name) || !holds(file.table.machine, key.device))
        return false;
    for (int width : key.widths)
        if (!has_row(file.table, key.target, key.threads, width))
            return false;
    profile = file.table;
    return true;
}

Status save_profile(const std::string &path, const Model &model, const slimscale_profile &profile) {
    if (path.empty())
        return Error{"there is no cache folder: set XDG_CACHE_HOME or HOME"};
    std::error_code code;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
    if (code)
        return Error{path + ": its folder cannot be made: " + code.message()};
    ProfileFile file{};
    std::memcpy(file.magic, kMagic, sizeof kMagic);
    file.library_version = kLibraryVersion;
    file.network_crc = network_crc(model);
    file.table = profile;
    file.table_crc = crc32(&file.table, sizeof file.table);
    return base::write_file(path, &file, sizeof file);
}

}  // namespace slimscale::cli
