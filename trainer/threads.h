// The number of LibTorch's threads on the processor.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>

#include "base/processors.h"

namespace slimscale::trainer {

// requested: 0 for as many as this process may use. LibTorch's own default counts the processors of the affinity mask,
// but not the quota of a container.
inline void use_threads(int requested) {
    at::set_num_threads(requested > 0 ? requested : std::min(at::get_num_threads(), base::usable_processors()));
}

}  // namespace slimscale::trainer
