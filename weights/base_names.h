// The names of base/ that users of weights/ write as its own.
#pragma once

#include "base/file_io.h"
#include "base/result.h"

namespace slimscale::weights {

using base::Error;
using base::in_quotes;
using base::kMaxFileBytes;
using base::read_file;
using base::Result;
using base::write_file;

}  // namespace slimscale::weights
