// What can be told from a graph alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks/graph.h"

namespace slimscale::networks {

struct TensorShape {
    std::string name;        // "body.3.conv1.weight"
    std::vector<int> shape;  // at width 1.0. weight: out, in/groups, kernel, kernel (y, x); bias: out; slope: channels
};

// All tensors of the weights file, weight before bias, in the order of first use; shared ones once. The same at every
// width.
std::vector<TensorShape> tensors(const Graph &graph);

// Weights, biases and slopes that the graph's own width uses, shared ones once.
int64_t parameters(const Graph &graph);

// Multiply-accumulates of all convolutions per low-resolution pixel. What is done once per frame (channel attention) is
// left out.
int64_t macs_per_pixel(const Graph &graph);

// Low-resolution pixels on each side that an output pixel depends on, apart from means over the frame, which depend on
// all of it (needs_whole_frame).
int halo_px(const Graph &graph);

// The last convolution, if at most a pixel shuffle and the addition of the image (enlarged by repetition) follow it;
// otherwise the graph's output.
Value last_conv(const Graph &graph);

// Whether the value is the input image or its enlargement by repetition.
bool is_image(const Graph &graph, Value v);

// Whether the graph has global average pooling, so that the network cannot run in tiles or bands.
bool needs_whole_frame(const Graph &graph);

}  // namespace slimscale::networks
