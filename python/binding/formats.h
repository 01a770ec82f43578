// Pixel formats by name.
#pragma once

#include <string>

#include "slimscale/slimscale.h"

namespace slimscale::python {

slimscale_format format_of(const std::string &name);  // throws Failure for an unknown name
slimscale_format_info describe(slimscale_format format);

}  // namespace slimscale::python
