// Which files become which.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::host {

// As an input and as an output: standard input and standard output.
constexpr const char *kStandardStream = "-";

struct Job {
    std::string input, output;
    images::FileFormat format{};  // of the output
};

struct JobOptions {
    std::vector<std::string> inputs;  // not empty
    std::string output;
    bool recursive = false;
    images::FileFormat format = images::FileFormat::unknown;  // of all outputs; unknown: as their names say
    bool folders_may_be_empty = false;                        // false: a folder without images is an error
};

struct Jobs {
    std::vector<Job> jobs;
    size_t others = 0;  // files of folders that are no images and are left out
};

// One file goes to a file or into a folder; a folder, or several files and folders, go into a folder. Images of folders
// (extras/images/listing.h) keep their names, and missing folders are made; an output folder that lies in an input
// folder is left out. A name that tells no format gets the ending of the input's format, and with JobOptions::format
// all names get that format's. If two outputs would have one name, the second keeps its own ending before the new one.
// Errors are a folder that cannot be listed, an output whose name tells no format, and outputs that still have one
// name.
Result<Jobs> list_jobs(const JobOptions &options);

// Makes a folder and those around it; one that exists is no error.
Status make_folder(const std::string &folder);

// An ending of a format that is written: "png", "jpeg", "jpg", "webp", "tiff", "avif", "jxl". After an error `format`
// is unchanged.
Status parse_format(const std::string &text, images::FileFormat &format);

// Refuses a file that exists, unless `overwrite`. Pipes and devices are written to and replaced by nothing; a folder is
// refused where it is written to.
Status check_absent(const std::string &path, bool overwrite);

// Makes the folder that a file is to be written into.
Status make_folder_of(const std::string &path);

// For a file that is written later: both of these.
Status prepare_output(const std::string &path, bool overwrite);

}  // namespace slimscale::host
