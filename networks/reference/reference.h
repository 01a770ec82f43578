// The oracle interprets a network's graph by plain loops, node by node, in double precision.
#pragma once

#include "networks/networks.h"
#include "networks/reference/volume.h"

namespace slimscale::reference {

// In all of these, `weights` holds every tensor that networks::tensors lists of the graph.

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

}  // namespace slimscale::reference
