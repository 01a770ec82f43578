// How much code a target of a compiled model is.
#pragma once

#include <cstddef>
#include <string>

#include "contract/model.h"

namespace slimscale::bench {

// Bytes of the pipelines of all widths: on CPUs the sizes of their functions in this program, as nm tells them, on GPUs
// what the driver is given, of all architectures. 0: unknown, as in a stripped program or without nm.
size_t code_bytes(const slimscale_model &model, const std::string &target);

}  // namespace slimscale::bench
