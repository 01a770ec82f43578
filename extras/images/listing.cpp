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

// A link to nothing counts by its name, so that reading it fails and names it. Reading a pipe could wait for ever.
bool is_image(const fs::directory_entry &entry) {
    std::error_code ignored;
    if (entry.exists(ignored) && !entry.is_regular_file(ignored))
        return false;
    const std::string &path = entry.path().native();
    return format_of_name(path) != FileFormat::unknown || format_of_file(path) != FileFormat::unknown;
}

// Whether the listing goes into a folder. Links to folders are not followed, since they could lead in circles.
bool enters(const Listing &listing, const fs::directory_entry &entry) {
    std::error_code ignored;
    return listing.recursive && entry.is_directory(ignored) && !entry.is_symlink(ignored) &&
           !fs::equivalent(entry.path(), listing.left_out, ignored);
}

struct Found {
    std::vector<fs::path> images;
    size_t others = 0;
};

Status add_images(const fs::path &folder, const Listing &listing, Found &found) {
    std::error_code code;
    fs::directory_iterator entry(folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        if (hidden(entry->path()))
            continue;
        std::error_code ignored;
        if (enters(listing, *entry))
            SLIMSCALE_RETURN_IF_ERROR(add_images(entry->path(), listing, found));
        else if (is_image(*entry))
            found.images.push_back(entry->path());
        else if (!entry->is_directory(ignored) || (listing.recursive && entry->is_symlink(ignored)))
            found.others++;
    }
    // increment() gives the end iterator on failure too: only `code` tells it from the end.
    return code ? Error{folder.native() + ": cannot list the folder: " + code.message()} : Status();
}

}  // namespace

Status list_folder(const std::string &folder, const Listing &listing, std::vector<std::string> &images,
                   size_t *others) {
    Found found;
    SLIMSCALE_RETURN_IF_ERROR(add_images(folder, listing, found));
    if (found.images.empty() && !listing.may_be_empty)
        return Error{folder +
                     ": no image in this folder (PNG, JPEG, WebP, TIFF, AVIF, JPEG XL or HEIC, by name or content)"};
    std::sort(found.images.begin(), found.images.end());
    for (const fs::path &file : found.images)
        images.push_back(file.native());
    if (others)
        *others += found.others;
    return Status();
}

Status list_images(const std::vector<std::string> &paths, std::vector<std::string> &images) {
    for (const std::string &path : paths) {
        std::error_code code;
        if (!fs::exists(path, code))
            return Error{path + ": no such file or folder"};
        if (!fs::is_directory(path, code)) {
            images.push_back(path);
            continue;
        }
        SLIMSCALE_RETURN_IF_ERROR(list_folder(path, {}, images));
    }
    return Status();
}

}  // namespace slimscale::images
