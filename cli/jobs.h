// Which files become which.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::cli {

struct Job {
    std::string input, output;
};

// A file to a file or into a folder; a folder into a folder, which keeps the names and makes missing folders. Folders
// give their images (extras/images/listing.h), where the output folder lies in the input folder without earlier
// results. A folder that cannot be listed is an error, and so is an output whose name tells no format.
Status list_jobs(const std::string &input, const std::string &output, bool recursive, std::vector<Job> &jobs);

}  // namespace slimscale::cli
