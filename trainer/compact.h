// Checkpoints made small, for handing a run on.
#pragma once

#include <string>

#include "base/status.h"

namespace slimscale::trainer {

// Copies a checkpoint with its moments rounded to BF16, for handing a run on: about two thirds of the bytes, and what
// goes on from it no longer equals the unbroken run to the bit. "" on success.
Status compact_checkpoint(const std::string &from, const std::string &to);

}  // namespace slimscale::trainer
