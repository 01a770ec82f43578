// EDSR, RCAN, CARN and the compact network, each one function over the builder, at any width; their presets.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/graph.h"

namespace slimscale::networks {

// Descriptions come from files: these bounds keep a damaged file from asking for all of the machine's memory.
constexpr int kMaxChannels = 1024, kMaxBlocks = 256, kMaxResidualGroups = 64;

enum class Family {
#define SLIMSCALE_FAMILY(name, title) name,
#include "networks/families.inc"
};

// How a narrow width slices a convolution over a concatenation.
enum class Slicing {
    leading,      // the leading channels of the whole, as the CSD authors do: at half width the second segment meets
                  // weights trained for the first
    per_segment,  // the leading channels of every segment
};

// All that is needed to rebuild a network; stored in the weights file's metadata.
struct Network {
    std::string name;  // preset or the user's own name: [a-z0-9_]+
    Family family{};
    int scale = 2;            // 1 (no up-sampler: restoration at the input's size), 2, 3, 4
    int colors = 3;           // 3: RGB, 1: luma
    int channels = 64;        // at width 1.0
    int blocks = 8;           // EDSR: residual; RCAN: in each group; CARN: cascading, and units in each;
                              // compact: 3x3 convolutions between the first and the last one
    int residual_groups = 0;  // RCAN
    int reduction = 16;       // RCAN: C -> C/reduction -> C
    double res_scale = 1;     // EDSR
    int group_channels = 0;   // CARN-M: channels per convolution group; 0: dense
    bool recursive = false;   // CARN-M: one residual unit shared within a cascading block
    // CARN as the CSD authors have it: no ReLU after the residual sums and in the up-sampler. `name` is no preset's
    // then.
    bool linear_residuals = false;
    // The input, enlarged by repetition, is added to the output: the convolutions compute the difference alone.
    bool input_skip = false;
    bool feature_residual = false;  // compact: the first convolution's features are added before the last activation
    Slicing slicing = Slicing::per_segment;
    double range = 255;                                  // value of white inside the network
    std::array<double, 3> mean{0.4488, 0.4371, 0.4040};  // of RGB, as a share of the range; luma: in mean[0]
};

// The network at `channels` active channels (= network.channels at width 1.0). Precondition: check_width() is ok.
Graph build(const Network &network, int channels);

// Whether the network can be built; the error names the offending field.
Status check_network(const Network &network);

// Whether `channels` is a width of this network; the error names the nearest that are. Widths are multiples of 8 up to
// network.channels; CARN-M's are whole groups, RCAN's also multiples of `reduction`.
Status check_width(const Network &network, int channels);
std::vector<int> widths(const Network &network);  // all of them, ascending

// Nothing if no preset has this name. With colors == 1 the mean is the RGB mean's luma.
std::optional<Network> preset(const std::string &name, int scale, int colors = 3);
std::vector<std::string> preset_names();

// "w025" for 16 of 64 channels, "w100" for 64, "w0375" for 24: the share, rounded to five decimals, without its point
// and without trailing zeros beyond two decimals.
std::string width_label(const Network &network, int channels);

}  // namespace slimscale::networks
