// Several processes over LibTorch's c10d.
#pragma once

#include "base/status.h"
#include "trainer/distributed/processes.h"

namespace slimscale::trainer {

// Precondition: place.size > 1. It is an error that a build has no c10d (no_group.cpp).
Result<std::unique_ptr<Processes>> join_group(const Place &place, const std::string &device,
                                              std::chrono::milliseconds patience);

}  // namespace slimscale::trainer
