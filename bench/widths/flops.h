// The operations of a frame, counted from the steps of a compiled model, so that they are known for any network.
#pragma once

#include <cstdint>

#include "contract/model.h"

namespace slimscale::bench {

// Multiply-accumulates per low-resolution pixel in the direct form: networks::macs_per_pixel of the same network.
int64_t macs_per_pixel(const slimscale_network_plan &plan);

// Those of them in 3x3 convolutions between features, which Winograd may compute; head and tail do not count.
int64_t winograd_macs_per_pixel(const slimscale_network_plan &plan);

// Those of them in 1x1 convolutions.
int64_t pointwise_macs_per_pixel(const slimscale_network_plan &plan);

// Those of them that a collapsed tail saves.
int64_t collapsed_macs_per_pixel(const slimscale_network_plan &plan);

}  // namespace slimscale::bench
