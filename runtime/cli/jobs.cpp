#include "runtime/cli/jobs.h"

#include <algorithm>
#include <filesystem>

#include "runtime/cli/image.h"

namespace slimscale::cli {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path &path) {
    return path.filename().native()[0] == '.';
}

bool is_image(const fs::directory_entry &entry) {
    std::error_code ignored;
    return entry.is_regular_file(ignored) && format_of_name(entry.path().native()) != FileFormat::unknown;
}

struct Listing {
    bool recursive;
    std::string left_out;  // a folder that is not entered; "": none
};

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

std::string list_folder(const std::string &folder, const Listing &listing, std::vector<fs::path> &files) {
    std::string error = add_images(folder, listing, files);
    if (!error.empty())
        return error;
    std::sort(files.begin(), files.end());
    return files.empty() ? folder + ": no .png, .jpg or .jpeg in this folder" : "";
}

std::string folder_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    std::error_code code;
    if (fs::exists(output, code) && !fs::is_directory(output, code))
        return output + ": the input is a folder, so the output must be one too";
    if (fs::equivalent(input, output, code))
        return output + ": the output is the input folder itself; give another one";
    std::vector<fs::path> files;
    std::string error = list_folder(input, {recursive, output}, files);
    for (const fs::path &file : files)
        jobs.push_back({file.native(), (fs::path(output) / file.lexically_relative(input)).native()});
    return error;
}

}  // namespace

std::string list_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    std::error_code code;
    if (fs::is_directory(input, code))
        return folder_jobs(input, output, recursive, jobs);
    if (!fs::exists(input, code))
        return input + ": no such file or folder";
    const bool into_folder = fs::is_directory(output, code) || (!output.empty() && output.back() == '/');
    const std::string file = into_folder ? (fs::path(output) / fs::path(input).filename()).native() : output;
    const FileFormat format = format_of_name(file);
    if (format == FileFormat::unknown)
        return file + ": " + format_error(format, 0, 0, /*transparent=*/false);
    jobs.push_back({input, file});
    return "";
}

std::string list_images(const std::vector<std::string> &paths, std::vector<std::string> &images) {
    for (const std::string &path : paths) {
        std::error_code code;
        std::vector<fs::path> files;
        if (!fs::exists(path, code))
            return path + ": no such file or folder";
        if (fs::is_directory(path, code)) {
            std::string error = list_folder(path, {/*recursive=*/false, ""}, files);
            if (!error.empty())
                return error;
        } else {
            files.push_back(path);
        }
        for (const fs::path &file : files)
            images.push_back(file.native());
    }
    return "";
}

}  // namespace slimscale::cli
