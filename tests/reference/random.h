// Random images and weights for the oracle, the same with every standard library.
#pragma once

#include <cstdint>

#include "networks/reference/reference.h"

namespace slimscale::reference {

// Independent pixels, uniform in 0..1, so that errors show at every pixel.
Volume random_image(int channels, int height, int width, uint64_t seed);

// Full-width random tensors, each convolution scaled to outputs near 1 and the last one to a standard deviation near 50
// on the 0..255 scale, measured at the width of `channels` (0: width 1.0) on a random image. Narrower slices of them
// give a smaller deviation. The same seed gives the same tensors with every standard library.
Weights random_weights(const networks::Network &network, uint64_t seed, int channels = 0);

}  // namespace slimscale::reference
