// A network is described once, as a graph, by one function per architecture (networks.h). Everything else walks it: the
// weights file for tensor names and shapes, walkers.h for counts and halos, program.h for the compiled steps, the
// trainer for its modules, the tests for the plain-loop reference.
//
// Activations are c, y, x volumes at `scale` times the input's resolution. Convolutions pad with zeros ("same").
#pragma once

#include <string>
#include <vector>

namespace slimscale::networks {

enum class Op {
    input,  // the image, mean subtracted, in the network's range
    conv,   // weight (out, in/groups, k, k) and bias (out)
    relu,
    prelu,  // max(0, x) + slope * min(0, x), slope (channels) of the weights file
    sigmoid,
    add,                  // two values of one shape
    scale,                // times a constant
    global_average_pool,  // the mean over the whole frame: one value per channel
    mul,                  // a volume times one value per channel
    concat,               // along channels
    shuffle,              // PyTorch's pixel_shuffle: (c*s*s, y, x) -> (c, s*y, s*x)
    repeat                // nearest-neighbour enlargement: each pixel s times in x and in y
};

const char *name_of(Op op);  // as spelled above: "global_average_pool"

using Value = int;  // index of the node that makes it

// A convolution at the active width reads the leading channels of tensors that the weights file has at full width.
struct Conv {
    std::string name;  // tensors "<name>.weight", "<name>.bias"
    int kernel = 3;
    int groups = 1;                         // at the active width
    int inputs = 0, outputs = 0;            // active channels, all groups
    int full_inputs = 0, full_outputs = 0;  // at width 1.0
    int full_groups = 1;
    // The full-width input at which each concatenated segment's leading channels begin; {0} for a plain input.
    std::vector<int> segment_offsets{0};
    std::vector<int> segment_channels;  // active channels per segment; they sum to `inputs`
};

// One slope per channel for the negative side of a PReLU; narrower widths read the leading ones.
struct Slope {
    std::string name;  // tensor "<name>.slope"
    int full_channels = 0;
};

struct Node {
    Op op;
    std::vector<Value> inputs;
    int channels = 0;   // of the result
    int scale = 1;      // resolution of the result relative to the input image
    bool frame = true;  // false: one value per channel (after `global_average_pool`)
    Conv conv;          // op == conv
    Slope slope;        // op == prelu
    double factor = 1;  // op == scale
    int shuffle = 1;    // op == shuffle, repeat: s
};

struct Graph {
    std::vector<Node> nodes;  // in an order that respects inputs; nodes[0] is the input
    Value output = 0;
};

}  // namespace slimscale::networks
