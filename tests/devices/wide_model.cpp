// Writes a model file with random weights whose 3x3 convolutions are wide enough for Winograd on devices, and which is
// otherwise as small as possible:
//     wide_model <edsr|carn_m> <channels> <file>
// EDSR x4 has a pixel shuffle behind such convolutions; CARN-M x2 has groups of 128 channels.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/reference/random_file.h"

using namespace slimscale;

namespace {

networks::Network network_called(const std::string &name, int channels) {
    const bool edsr = name == "edsr";
    networks::Network network = *networks::preset(edsr ? "edsr" : "carn_m", /*scale=*/edsr ? 4 : 2);
    network.channels = channels;
    network.blocks = 1;
    network.group_channels = edsr ? 0 : 128;
    return network;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: wide_model <edsr|carn_m> <channels> <file>\n");
        return 2;
    }
    return reference::save_random_model("wide_model", network_called(argv[1], std::atoi(argv[2])), argv[3]);
}
