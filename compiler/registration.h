// The list of the models that a user has compiled for this machine: a line "name archive" for each, the latest last.
// cmake/SlimscaleModel.cmake reads it.
#pragma once

#include <string>

#include "base/status.h"

namespace slimscale::generators {

// Enters a model as the last one, in place of an older one of its name. The file is written even if nothing changes,
// since its time makes the build look for the archive again.
Status register_model(const std::string &list, const std::string &name, const std::string &archive);

}  // namespace slimscale::generators
