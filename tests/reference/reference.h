// The oracle interprets a network's graph by plain loops, node by node, in double precision.
#pragma once

#include <cstdint>

#include "networks/networks.h"
#include "tests/reference/volume.h"

namespace slimscale::reference {

// The whole network. Pixels are shares of white, 0..1 (as SLIMSCALE_PLANAR_F32): the mean is subtracted and the range
// applied before, and undone after. The output is not clamped. Precondition: `channels` is a width of the network.
Volume upscale(const networks::Network &network, int channels, const Weights &weights, const Volume &image);

// The graph on values in the network's range.
Volume evaluate(const networks::Graph &graph, const Weights &weights, const Volume &input);

// One node, from the values of the nodes that it reads.
Volume evaluate_node(const networks::Node &node, const std::vector<const Volume *> &inputs, const Weights &weights);

// Pixels into the network's values and back.
Volume normalized(const networks::Network &network, Volume image);
Volume denormalized(const networks::Network &network, Volume values);

// Independent pixels, uniform in 0..1, so that errors show at every pixel.
Volume random_image(int channels, int height, int width, uint64_t seed);

// Full-width random tensors, each convolution scaled to outputs near 1 and the last one to a standard deviation near 50
// on the 0..255 scale, measured at the width of `channels` (0: width 1.0) on a random image. Narrower slices of them
// give a smaller deviation. The same seed gives the same tensors with every standard library.
Weights random_weights(const networks::Network &network, uint64_t seed, int channels = 0);

}  // namespace slimscale::reference
