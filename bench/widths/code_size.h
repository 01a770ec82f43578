// The size of the code that a compiled model has for a target.
#pragma once

#include <cstddef>
#include <string>

#include "contract/model.h"

namespace slimscale::bench {

// The bytes of the pipelines of all widths: on CPUs the sizes of their functions in this program, by nm, on GPUs those
// of the code for the driver, for all architectures. 0 if unknown, as in a stripped program or without nm.
size_t code_bytes(const slimscale_model &model, const std::string &target);

}  // namespace slimscale::bench
