// Reads the files of make_goldens.py: networks with weights, and PyTorch's outputs for them.
#pragma once

#include <string>
#include <vector>

#include "networks/networks.h"
#include "networks/reference/volume.h"

namespace slimscale::golden {

struct Sample {
    std::string name;  // of the output tensor, for messages
    int channels;      // the width
    networks::Slicing slicing;
    reference::Volume input;   // on the 0..255 scale, as the output
    reference::Volume output;  // PyTorch's, not clamped
};

struct Case {
    std::string path;  // of the weights file
    networks::Network network;
    reference::Weights weights;
    std::vector<Sample> samples;
};

std::vector<std::string> case_names();

// Throws std::runtime_error with the reader's error if a file is missing or damaged.
Case load_case(const std::string &name);

}  // namespace slimscale::golden
