#include "networks/networks.h"

namespace slimscale::networks {
namespace {

Network edsr(int blocks, int channels, double res_scale) {
    Network network;
    network.family = Family::edsr;
    network.blocks = blocks;
    network.channels = channels;
    network.res_scale = res_scale;
    return network;
}

Network rcan(int residual_groups, int blocks, int channels) {
    Network network;
    network.family = Family::rcan;
    network.residual_groups = residual_groups;
    network.blocks = blocks;
    network.channels = channels;
    return network;
}

Network carn(int group_channels) {
    Network network;
    network.family = Family::carn;
    network.blocks = 3;
    network.group_channels = group_channels;
    network.recursive = group_channels > 0;
    network.range = 1;
    return network;
}

Network compact(int blocks, int channels) {
    Network network;
    network.family = Family::compact;
    network.blocks = blocks;
    network.channels = channels;
    network.input_skip = true;
    network.feature_residual = true;
    return network;
}

// The luma of full-range RGB by BT.601.
double luma(const std::array<double, 3> &rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

struct Preset {
    const char *name;
    Network network;
};

const std::vector<Preset> &presets() {
    static const std::vector<Preset> list = {
        {"edsr", edsr(32, 256, 0.1)},
        {"edsr_baseline", edsr(16, 64, 1)},
        {"edsr_small", edsr(8, 64, 1)},
        {"rcan", rcan(10, 20, 64)},
        {"rcan_small", rcan(3, 2, 64)},  // 16 convolutions in the body against edsr_small's 17
        {"carn", carn(0)},
        {"carn_m", carn(16)},
        {"compact", compact(11, 64)},  // 54 % of edsr_small's multiply-adds at 16 channels
    };
    return list;
}

}  // namespace

std::optional<Network> preset(const std::string &name, int scale, int colors) {
    for (const Preset &entry : presets()) {
        if (entry.name != name)
            continue;
        Network network = entry.network;
        network.name = name;
        network.scale = scale;
        network.colors = colors;
        if (colors == 1)
            network.mean.fill(luma(network.mean));
        return network;
    }
    return std::nullopt;
}

std::vector<std::string> preset_names() {
    std::vector<std::string> names;
    for (const Preset &entry : presets())
        names.push_back(entry.name);
    return names;
}

}  // namespace slimscale::networks
