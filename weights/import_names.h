// How other people's checkpoints name the convolutions of EDSR, RCAN, CARN and compact. Learned from the repositories
// sanghyun-son/EDSR-PyTorch (its RCAN has the names of RCAN's authors), Booooooooooo/CSD, nmhkahn/CARN-pytorch and
// xinntao/Real-ESRGAN (SRVGGNetCompact).
// Internal to import.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

struct CheckpointLayout {
    // What tensor shapes tell: family, scale, colors, channels, blocks, residual_groups, reduction, group_channels,
    // recursive. The rest is as in a default Network, except range, slicing and linear_residuals: the convention's own.
    networks::Network network;
    std::vector<std::string> convs;    // in the order in which the network first uses them
    std::vector<std::string> slopes;   // PReLUs, whose "<name>.weight" holds them, in that order too; empty: none
    std::vector<std::string> dropped;  // prefixes of what belongs to other scales
    std::string subtract, add;         // the fixed 1x1 convolutions that shift the mean; empty: nothing is subtracted
};

// scale: which up-sampler of a multi-scale checkpoint; 0 if it has one only. Errors: unknown naming, a scale that is
// not there, more numbered blocks or groups than a network may have.
Result<CheckpointLayout> read_layout(const std::map<std::string, Tensor> &tensors, int scale);

}  // namespace slimscale::weights
