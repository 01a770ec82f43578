#include "cli/jobs.h"

#include <filesystem>

#include "extras/images/image.h"
#include "extras/images/listing.h"

namespace slimscale::cli {
namespace {

namespace fs = std::filesystem;

Status folder_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    std::error_code code;
    if (fs::exists(output, code) && !fs::is_directory(output, code))
        return Error{output + ": the input is a folder, so the output must be one too"};
    if (fs::equivalent(input, output, code))
        return Error{output + ": the output is the input folder itself; give another one"};
    std::vector<std::string> files;
    SLIMSCALE_RETURN_IF_ERROR(images::list_folder(input, {recursive, output}, files));
    for (const std::string &file : files)
        jobs.push_back({file, (fs::path(output) / fs::path(file).lexically_relative(input)).native()});
    return Status();
}

}  // namespace

Status list_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs) {
    std::error_code code;
    if (fs::is_directory(input, code))
        return folder_jobs(input, output, recursive, jobs);
    if (!fs::exists(input, code))
        return Error{input + ": no such file or folder"};
    const bool into_folder = fs::is_directory(output, code) || (!output.empty() && output.back() == '/');
    const std::string file = into_folder ? (fs::path(output) / fs::path(input).filename()).native() : output;
    const images::FileFormat format = images::format_of_name(file);
    if (format == images::FileFormat::unknown)
        return Error{file + ": " + images::check_format(format, 0, 0, /*transparent=*/false).error()};
    jobs.push_back({input, file});
    return Status();
}

}  // namespace slimscale::cli
