// How tall bands are on processors: what a thread writes should still be in its cache when it reads it.
#pragma once

#include "runtime/executor/backend.h"

namespace slimscale::runtime::cpu {

// Rows of the input per band, whole tiles; may be more than the frame has, and than shape.most_rows.
int preferred_band_rows(const slimscale_network_plan &plan, const BandShape &shape);

}  // namespace slimscale::runtime::cpu
