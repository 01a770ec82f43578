// The C compiler and binutils that turn pipelines into an archive, native or cross.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

struct Toolchain {
    std::string prefix;   // "" or "aarch64-linux-gnu-"
    std::string package;  // Debian's, for the sentence when a tool is missing

    // Runs prefix + tool in `folder`;
    Status run(const std::string &tool, const std::vector<std::string> &arguments, const std::string &folder,
               std::string *output = nullptr) const;
};

// For one of targets.h's platforms.
Toolchain toolchain_for(const std::string &platform);

}  // namespace slimscale::generators
