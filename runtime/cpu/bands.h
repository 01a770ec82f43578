// How tall bands are on processors: what a thread writes should still be in its cache when it reads it.
#pragma once

#include "contract/model.h"

namespace slimscale::runtime::cpu {

// Rows of the input per band, whole tiles, for frames of width x height pixels; may be more than the height.
// activation_bytes: of a stored value.
int preferred_band_rows(const slimscale_network_plan &plan, int width, int height, int activation_bytes, int workers);

}  // namespace slimscale::runtime::cpu
