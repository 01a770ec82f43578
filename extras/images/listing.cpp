#include "extras/images/listing.h"

#include <algorithm>
#include <filesystem>

#include "extras/images/image.h"

namespace slimscale::images {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path &path) {
    return path.filename().native()[0] == '.';
}

bool is_image(const fs::directory_entry &entry) {
    std::error_code ignored;
    return entry.is_regular_file(ignored) && format_of_name(entry.path().native()) != FileFormat::unknown;
}

// Links to folders are not followed: they could lead in circles.
bool enters(const Listing &listing, const fs::directory_entry &entry) {
    std::error_code ignored;
    return listing.recursive && entry.is_directory(ignored) && !entry.is_symlink(ignored) &&
           !fs::equivalent(entry.path(), listing.left_out, ignored);
}

std::string add_images(const fs::path &folder, const Listing &listing, std::vector<fs::path> &files) {
    std::error_code code;
    fs::directory_iterator entry(folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        if (hidden(entry->path()))
            continue;
        if (is_image(*entry))
            files.push_back(entry->path());
        if (!enters(listing, *entry))
            continue;
        std::string error = add_images(entry->path(), listing, files);
        if (!error.empty())
            return error;
    }
    // increment() makes the end iterator of a failure: only `code` tells them apart.
    return code ? folder.native() + ": cannot list the folder: " + code.message() : "";
}

}  // namespace

std::string list_folder(const std::string &folder, const Listing &listing, std::vector<std::string> &images) {
    std::vector<fs::path> files;
    std::string error = add_images(folder, listing, files);
    if (!error.empty())
        return error;
    if (files.empty())
        return folder + ": no .png, .jpg or .jpeg in this folder";
    std::sort(files.begin(), files.end());
    for (const fs::path &file : files)
        images.push_back(file.native());
    return "";
}

std::string list_images(const std::vector<std::string> &paths, std::vector<std::string> &images) {
    for (const std::string &path : paths) {
        std::error_code code;
        if (!fs::exists(path, code))
            return path + ": no such file or folder";
        if (!fs::is_directory(path, code)) {
            images.push_back(path);
            continue;
        }
        std::string error = list_folder(path, {}, images);
        if (!error.empty())
            return error;
    }
    return "";
}

}  // namespace slimscale::images
