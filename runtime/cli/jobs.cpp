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

template <class Iterator>
std::string list_with(Iterator entry, const std::error_code &code, std::vector<fs::path> &files) {
    std::error_code step;
    for (; !code && entry != Iterator(); entry.increment(step)) {
        if (step)
            return step.message();
        std::error_code ignored;
        if constexpr (std::is_same_v<Iterator, fs::recursive_directory_iterator>)
            if (entry->is_directory(ignored) && hidden(entry->path()))
                entry.disable_recursion_pending();
        if (entry->is_regular_file(ignored) && !hidden(entry->path()) &&
            format_of_name(entry->path().native()) != FileFormat::unknown)
            files.push_back(entry->path());
    }
    return code ? code.message() : "";
}

std::string list_folder(const std::string &folder, bool recursive, std::vector<fs::path> &files) {
    std::error_code code;
    std::string error;
    if (recursive) {
        fs::recursive_directory_iterator entries(folder, code);
        error = list_with(entries, code, files);
    } else {
        fs::directory_iterator entries(folder, code);
        error = list_with(entries, code, files);
    }
    std::sort(files.begin(), files.end());
    if (!error.empty())
        return folder + ": cannot list the folder: " + error;
    return files.empty() ? folder + ": no .png, .jpg or .jpeg in this folder" : "";
}

std::string folder_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    std::error_code code;
    if (fs::exists(output, code) && !fs::is_directory(output, code))
        return output + ": the input is a folder, so the output must be one too";
    if (fs::equivalent(input, output, code))
        return output + ": the output is the input folder itself; give another one";
    std::vector<fs::path> files;
    std::string error = list_folder(input, recursive, files);
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
    jobs.push_back({input, into_folder ? (fs::path(output) / fs::path(input).filename()).native() : output});
    return "";
}

std::string list_images(const std::vector<std::string> &paths, std::vector<std::string> &images) {
    for (const std::string &path : paths) {
        std::error_code code;
        std::vector<fs::path> files;
        if (!fs::exists(path, code))
            return path + ": no such file or folder";
        if (fs::is_directory(path, code)) {
            std::string error = list_folder(path, false, files);
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
