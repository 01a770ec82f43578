// Operations of a frame, counted from the steps of a compiled model, so that a network of any name is known.
#pragma once

#include <cstdint>

#include "contract/model.h"

namespace slimscale::bench {

// Multiply-accumulates per low-resolution pixel in the direct form: networks::macs_per_pixel of the same network.
int64_t macs_per_pixel(const slimscale_network_plan &plan);

// Of them in 3x3 convolutions between features, which Winograd may compute; not head and tail.
int64_t winograd_macs_per_pixel(const slimscale_network_plan &plan);

// Of them in 1x1 convolutions.
int64_t pointwise_macs_per_pixel(const slimscale_network_plan &plan);

// Of them what a collapsed tail does not do.
int64_t collapsed_macs_per_pixel(const slimscale_network_plan &plan);

}  // namespace slimscale::bench
