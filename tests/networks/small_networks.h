// Networks of two or three blocks, small enough for plain loops: every family and scale, both slicings, RGB and luma;
// CARN also with linear residuals; EDSR and compact also at the input's size, with and without adding the input.
#pragma once

#include <vector>

#include "networks/networks.h"

inline std::vector<slimscale::networks::Network> small_networks() {
    using namespace slimscale::networks;
    std::vector<Network> result;
    for (const char *name : {"edsr", "rcan", "carn", "carn_m"})
        for (int scale : {2, 3, 4})
            for (Slicing slicing : {Slicing::per_segment, Slicing::leading}) {
                Network network = *preset(name, scale, /*colors=*/scale == 3 ? 1 : 3);
                if (network.family != Family::carn && slicing == Slicing::leading)
                    continue;  // no concatenations
                network.slicing = slicing;
                network.channels = network.family == Family::edsr ? 24 : 32;
                if (network.family == Family::rcan)
                    network.residual_groups = 2;
                network.blocks = network.family == Family::carn ? 3 : 2;
                result.push_back(network);
                if (network.family != Family::carn || slicing == Slicing::per_segment)
                    continue;
                network.name += "_linear";
                network.linear_residuals = true;
                result.push_back(network);
            }
    for (const char *name : {"edsr", "compact"})
        for (int scale : {1, 2, 3, 4})
            for (const bool skip : {false, true}) {
                Network network = *preset(name, scale, /*colors=*/scale == 3 ? 1 : 3);
                network.channels = 24;
                network.blocks = 2;
                network.input_skip = skip;
                if (network.family == Family::compact)
                    network.feature_residual = scale != 2;
                result.push_back(network);
            }
    return result;
}
