// How other people's checkpoints name the convolutions of EDSR, RCAN, CARN and compact. Learned from the repositories
// sanghyun-son/EDSR-PyTorch (its RCAN has the names of RCAN's authors), XPixelGroup/BasicSR, open-mmlab/mmagic,
// Booooooooooo/CSD, nmhkahn/CARN-pytorch and xinntao/Real-ESRGAN (SRVGGNetCompact).
// Internal to import.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"
#include "weights/safetensors.h"

namespace slimscale::weights {

using Tensors = std::map<std::string, Tensor>;

struct CheckpointLayout {
    // What tensor shapes tell: family, scale, colors, channels, blocks, residual_groups, reduction, group_channels,
    // recursive. The rest is as in a default Network, except range, mean, slicing, input_skip and linear_residuals: the
    // convention's own.
    networks::Network network;
    std::vector<std::string> convs;    // in the order in which the network first uses them
    std::vector<std::string> slopes;   // PReLUs, whose "<name>.weight" holds them, in that order too; empty: none
    std::vector<std::string> dropped;  // prefixes of what belongs to other scales
    std::string subtract, add;         // the fixed 1x1 convolutions that shift the mean; empty: there are none
};

// Where in a checkpoint a network lies, and whose names it has there.
struct CheckpointPlace {
    std::string title;                  // "EDSR of BasicSR"
    std::string prefix;                 // "params_ema.", or "": before all of its names
    std::vector<std::string> rejected;  // prefixes of other networks that are there too
    CheckpointLayout layout;            // names without the prefix
};

// Takes out of the names what torch.compile and its like put between: parts that begin with "_" ("_orig_mod.").
Tensors without_private_parts(Tensors tensors);

// Looks for a known convention's names behind any common prefix. prefix: which, with or without its last dot, where
// several networks are there; without it averaged weights are preferred ("ema" among the prefix' words), and what is
// ambiguous then is an error that lists the prefixes. scale: which up-sampler of a multi-scale checkpoint; 0 if it has
// one only. Errors: unknown naming, with the conventions that come nearest and what they lack; a scale that is not
// there; more numbered blocks or groups than a network may have.
Result<CheckpointPlace> find_network(const Tensors &tensors, const std::optional<std::string> &prefix, int scale);

}  // namespace slimscale::weights
