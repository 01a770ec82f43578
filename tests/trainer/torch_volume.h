// LibTorch's networks as another implementation to compare with.
#pragma once

#include "networks/reference/volume.h"
#include "trainer/slim_network.h"

namespace slimscale::trainer_tests {

// A network with a file's weights. Throws std::runtime_error if they do not fit.
trainer::SlimNetwork torch_network(const weights::ModelFile &file);

// Pixels are shares of white; the result is not clamped.
reference::Volume upscale(trainer::SlimNetwork &network, int channels, const reference::Volume &image);

}  // namespace slimscale::trainer_tests
