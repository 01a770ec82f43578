// The list of a user's own models that the command-line tool is built with: a line "name archive" each, read by
// cmake/SlimscaleModel.cmake.
#pragma once

#include <string>

#include "base/status.h"

namespace slimscale::generators {

// Enters a model, in place of an older one of its name. The file is left alone if it says so already, so that nothing
// is built anew.
Status register_model(const std::string &list, const std::string &name, const std::string &archive);

}  // namespace slimscale::generators
