// How other people's checkpoints name the convolutions of EDSR, RCAN, CARN and compact. The names are those of the
// repositories sanghyun-son/EDSR-PyTorch (its RCAN has the names of RCAN's authors), XPixelGroup/BasicSR,
// open-mmlab/mmagic, Booooooooooo/CSD, nmhkahn/CARN-pytorch and xinntao/Real-ESRGAN (SRVGGNetCompact). Internal to
// import.cpp.
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
    // Shapes of tensors tell family, scale, colors, channels, blocks, residual_groups, reduction, group_channels and
    // recursive; the convention tells range, mean, slicing, input_skip and linear_residuals. The rest is as in a
    // default Network.
    networks::Network network;
    std::vector<std::string> convs;    // in the order in which the network first uses them
    std::vector<std::string> slopes;   // PReLUs in the same order, whose slopes are "<name>.weight"; empty: none
    std::vector<std::string> dropped;  // prefixes of tensors that belong to other scales
    std::string subtract, add;         // the fixed 1x1 convolutions that shift the mean; "": there are none
};

// Where in a checkpoint a network is, and the convention of its names.
struct CheckpointPlace {
    std::string title;                  // "EDSR of BasicSR"
    std::string prefix;                 // of all of its names: "params_ema.", or ""
    std::vector<std::string> rejected;  // prefixes of other networks that are there too
    CheckpointLayout layout;            // names without the prefix
};

// Removes the parts that torch.compile and the like insert into names: those that begin with "_" ("_orig_mod.").
Tensors without_private_parts(const Tensors &tensors);

// Looks for the names of a known convention behind any common prefix.
//     prefix  the prefix of the network to take if there are several, with or without its last dot. If it is unset,
//             averaged weights are preferred ("ema" among the prefix' words); if several remain, the error lists the
//             prefixes.
//     scale   the up-sampler to take of a multi-scale checkpoint; 0 if it has only one
// Other errors: unknown names, with the nearest conventions and what the checkpoint lacks of them; a scale that is not
// there; more numbered blocks or groups than a network may have.
Result<CheckpointPlace> find_network(const Tensors &tensors, const std::optional<std::string> &prefix, int scale);

}  // namespace slimscale::weights
