#include "host/jobs.h"

#include <filesystem>
#include <set>

#include "extras/images/listing.h"

namespace slimscale::host {
namespace {

namespace fs = std::filesystem;
using images::FileFormat;

// The output's name for `name` (a path within an output folder) and its format.
Job job_into(const fs::path &folder, const std::string &input, const fs::path &name, FileFormat wanted) {
    const FileFormat named = images::format_of_name(name.native());
    FileFormat format = wanted;
    if (format == FileFormat::unknown)
        format = named != FileFormat::unknown ? named : images::format_of_file(input);
    if (format == FileFormat::unknown || format == FileFormat::heif)
        format = FileFormat::png;  // HEIC is not written, and an unknown format will fail when it is read
    fs::path output = folder / name;
    if (named != format) {
        const std::string ending = std::string(".") + images::name_of_format(format);
        if (named != FileFormat::unknown)
            output.replace_extension(ending);
        else
            output += ending;
    }
    return {input, output.native(), format};
}

class Lister {
public:
    explicit Lister(const JobOptions &options) : options_(options) {}

    Status add_folder(const std::string &input) {
        std::error_code code;
        const std::string &output = options_.output;
        if (fs::exists(output, code) && !fs::is_directory(output, code))
            return Error{output + ": the input is a folder, so the output must be one too"};
        if (fs::equivalent(input, output, code))
            return Error{output + ": the output is the input folder itself; give another one"};
        std::vector<std::string> files;
        const images::Listing listing{options_.recursive, output, options_.folders_may_be_empty};
        SLIMSCALE_RETURN_IF_ERROR(images::list_folder(input, listing, files, &found_.others));
        for (const std::string &file : files)
            SLIMSCALE_RETURN_IF_ERROR(add_into_folder(file, fs::path(file).lexically_relative(input)));
        return Status();
    }

    Status add_into_folder(const std::string &input, const fs::path &name) {
        Job job = job_into(options_.output, input, name, options_.format);
        if (taken_.count(job.output) != 0)
            job.output = (fs::path(options_.output) / name).native() + "." + images::name_of_format(job.format);
        if (!taken_.insert(job.output).second)
            return Error{input + ": its result and another one would both be " + job.output +
                         "; give them other names"};
        found_.jobs.push_back(std::move(job));
        return Status();
    }

    Status add_file(const std::string &input) {
        const std::string &output = options_.output;
        FileFormat format = options_.format;
        if (format == FileFormat::unknown)
            format = output == kStandardStream ? FileFormat::png : images::format_of_name(output);
        if (format == FileFormat::unknown)
            return Error{output + ": " + images::check_format(format, 0, 0, /*transparent=*/false).error()};
        found_.jobs.push_back({input, output, format});
        return Status();
    }

    Jobs take() { return std::move(found_); }

private:
    const JobOptions &options_;
    std::set<std::string> taken_;
    Jobs found_;
};

bool is_folder(const std::string &path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

// Whether the output is a folder, or is to become one.
bool takes_several(const std::string &output) {
    return is_folder(output) || (!output.empty() && output.back() == '/');
}

Status check_inputs(const JobOptions &options) {
    std::error_code code;
    for (const std::string &input : options.inputs) {
        if (input == kStandardStream) {
            if (options.inputs.size() > 1 || takes_several(options.output))
                return Error{
                    "standard input is one image without a name: give it alone, and a file or - for its result"};
        } else if (!fs::exists(input, code))
            return Error{input + ": no such file or folder"};
    }
    if (options.output == kStandardStream && (options.inputs.size() > 1 || is_folder(options.inputs[0])))
        return Error{"standard output takes the result of one image; give a folder"};
    if (options.inputs.size() > 1 && fs::exists(options.output, code) && !is_folder(options.output))
        return Error{options.output + ": there are several inputs, so the output must be a folder"};
    return Status();
}

}  // namespace

Result<Jobs> list_jobs(const JobOptions &options) {
    SLIMSCALE_RETURN_IF_ERROR(check_inputs(options));
    Lister lister(options);
    const bool into_folder = options.inputs.size() > 1 || takes_several(options.output);
    for (const std::string &input : options.inputs) {
        Status added;
        if (is_folder(input))
            added = lister.add_folder(input);
        else
            added = into_folder ? lister.add_into_folder(input, fs::path(input).filename()) : lister.add_file(input);
        if (!added)
            return Error{added.error()};
    }
    return lister.take();
}

Status make_folder(const std::string &folder) {
    std::error_code code;
    if (!fs::create_directories(folder, code) && code)
        return Error{folder + ": the folder cannot be made: " + code.message()};
    return Status();
}

Status parse_format(const std::string &text, images::FileFormat &format) {
    const images::FileFormat parsed = images::format_of_name("." + text);
    if (parsed == images::FileFormat::unknown || parsed == images::FileFormat::heif)
        return Error{"'" + text + "' is no format that is written: give png, jpeg, webp, tiff, avif or jxl"};
    format = parsed;
    return Status();
}

Status check_absent(const std::string &path, bool overwrite) {
    std::error_code code;
    return overwrite || !fs::is_regular_file(path, code) ? Status() : Error{path + " exists; --overwrite replaces it"};
}

Status make_folder_of(const std::string &path) {
    const fs::path folder = fs::path(path).parent_path();
    return folder.empty() ? Status() : make_folder(folder.native());
}

Status prepare_output(const std::string &path, bool overwrite) {
    SLIMSCALE_RETURN_IF_ERROR(check_absent(path, overwrite));
    return make_folder_of(path);
}

}  // namespace slimscale::host
