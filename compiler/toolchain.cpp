#include "compiler/toolchain.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "compiler/process.h"

namespace slimscale::generators {
namespace {

#ifdef __aarch64__
constexpr bool kOnArm = true;
#else
constexpr bool kOnArm = false;
#endif

bool on_path(const std::string &program) {
    const char *path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (access((folder + "/" + program).c_str(), X_OK) == 0)
            return true;
    return false;
}

}  // namespace

Status Toolchain::run(const std::string &tool, const std::vector<std::string> &arguments, const std::string &folder,
                      std::string *output) const {
    if (!on_path(prefix + tool))
        return Error{prefix + tool + " is missing: install Debian's package " + package};
    std::vector<std::string> command{prefix + tool};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_command(command, folder, output);
}

Toolchain toolchain_for(const std::string &platform) {
    const bool arm = platform.rfind("arm-64", 0) == 0;
    if (arm == kOnArm)
        return {"", "g++"};
    if (arm)
        return {"aarch64-linux-gnu-", "g++-aarch64-linux-gnu"};
    return {"x86_64-linux-gnu-", "g++-x86-64-linux-gnu"};
}

}  // namespace slimscale::generators
