// The C compiler and binutils that turn pipelines into an archive, native or cross.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

struct Toolchain {
    std::string prefix;   // "" or "aarch64-linux-gnu-"
    std::string package;  // Debian's, for the error when a tool is missing

    // Runs prefix + tool in `folder`, as run_command does.
    Status run(const std::string &tool, const std::vector<std::string> &arguments, const std::string &folder,
               std::string *output = nullptr) const;
};

// The toolchain for one of platforms() (targets.h).
Toolchain toolchain_for(const std::string &platform);

}  // namespace slimscale::generators
