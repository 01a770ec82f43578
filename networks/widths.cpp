// Which networks can be built, at which widths, and what a width is called.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "base/text.h"
#include "contract/arguments.h"
#include "contract/blob_format.h"
#include "networks/networks.h"

namespace slimscale::networks {
namespace {

constexpr int kMaxCascade = contract::kMostSegments - 1;  // a merge reads the input and all blocks before it
constexpr int kVector = 8;                                // narrowest channel step that the compiled blocks run at
constexpr int kGroupStep = 16;                            // a group owns whole blocks of the packed filter

bool within(int value, int low, int high) {
    return value >= low && value <= high;
}

std::string range_text(int low, int high) {
    return "from " + std::to_string(low) + " to " + std::to_string(high);
}

std::string must_be(const char *field, const std::string &what, const std::string &value) {
    return std::string(field) + " must be " + what + ", not " + value;
}

std::string must_be(const char *field, const std::string &what, int value) {
    return must_be(field, what, std::to_string(value));
}

// The step between the widths of a network, which are its multiples.
int width_step(const Network &network) {
    if (network.family == Family::rcan)
        return std::lcm(kVector, std::max(network.reduction, 1));
    if (network.group_channels > 0)
        return network.group_channels;
    return kVector;
}

Status check_family(const Network &n) {
    const bool is_rcan = n.family == Family::rcan, is_carn = n.family == Family::carn;
    if (n.family != Family::compact && n.feature_residual)
        return Error{must_be("feature_residual", "false (only compact has a choice there)", "true")};
    if (!is_rcan && n.residual_groups != 0)
        return Error{must_be("residual_groups", "0 (only RCAN has them)", n.residual_groups)};
    if (is_rcan && !within(n.residual_groups, 1, kMaxResidualGroups))
        return Error{must_be("residual_groups", range_text(1, kMaxResidualGroups), n.residual_groups)};
    if (is_rcan && !within(n.reduction, 1, kMaxChannels))
        return Error{must_be("reduction", range_text(1, kMaxChannels), n.reduction)};
    if (!is_carn && n.group_channels != 0)
        return Error{must_be("group_channels", "0 (only CARN has grouped convolutions)", n.group_channels)};
    if (n.group_channels < 0 || n.group_channels % kGroupStep != 0)
        return Error{must_be("group_channels", "0 or a multiple of " + std::to_string(kGroupStep), n.group_channels)};
    if (!is_carn && n.recursive)
        return Error{must_be("recursive", "false (only CARN shares units)", "true")};
    if (!is_carn && n.linear_residuals)
        return Error{must_be("linear_residuals", "false (only CARN has ReLUs to leave out)", "true")};
    // Packed weights fit either network: only the name tells which one was compiled.
    if (n.linear_residuals && preset(n.name, n.scale))
        return Error{must_be("name", "no preset's (linear_residuals is another network)", "\"" + n.name + "\"")};
    if (is_carn && n.blocks > kMaxCascade)
        return Error{must_be("blocks", range_text(1, kMaxCascade) + " for CARN", n.blocks)};
    return Status();
}

Status check_values(const Network &n) {
    if (!std::isfinite(n.res_scale) || n.res_scale == 0)
        return Error{must_be("res_scale", "a finite number other than 0", std::to_string(n.res_scale))};
    if (!std::isfinite(n.range) || n.range <= 0)
        return Error{must_be("range", "a positive number", std::to_string(n.range))};
    for (double mean : n.mean)
        if (!(mean >= 0 && mean <= 1))
            return Error{must_be("mean", "within 0 and 1 (a share of the range)", std::to_string(mean))};
    return Status();
}

}  // namespace

Status check_network(const Network &network) {
    if (!base::is_name(network.name))
        return Error{must_be("name", base::kNameRule, "\"" + network.name + "\"")};
    if (!within(network.scale, 1, kMaxScale))
        return Error{must_be("scale", "1, 2, 3 or 4", network.scale)};
    if (network.colors != 1 && network.colors != 3)
        return Error{must_be("colors", "1 (luma) or 3 (RGB)", network.colors)};
    if (!within(network.blocks, 1, kMaxBlocks))
        return Error{must_be("blocks", range_text(1, kMaxBlocks), network.blocks)};
    SLIMSCALE_RETURN_IF_ERROR(check_family(network));
    const int step = width_step(network);
    if (!within(network.channels, step, kMaxChannels) || network.channels % step != 0)
        return Error{must_be("channels",
                             "a multiple of " + std::to_string(step) + " up to " + std::to_string(kMaxChannels),
                             network.channels)};
    return check_values(network);
}

std::vector<int> widths(const Network &network) {
    std::vector<int> result;
    for (int channels = width_step(network); channels <= network.channels; channels += width_step(network))
        result.push_back(channels);
    return result;
}

Status check_width(const Network &network, int channels) {
    const int step = width_step(network);
    if (within(channels, step, network.channels) && channels % step == 0)
        return Status();
    const std::string refusal = network.name + " has no width of " + std::to_string(channels) + " channels: ";
    if (network.channels < 2 * step)
        return Error{refusal + "its only one is " + std::to_string(network.channels)};
    int below = channels < step ? step : channels / step * step;  // the lower one of the two nearest
    if (below > network.channels - step)
        below = network.channels - step;
    return Error{refusal + "the nearest are " + std::to_string(below) + " and " + std::to_string(below + step)};
}

std::string width_label(const Network &network, int channels) {
    constexpr int kMinDecimals = 2;
    constexpr int64_t kOne = 100000;  // five decimals: 8 of 256 channels is 0.03125
    const int64_t share = (kOne * channels + network.channels / 2) / network.channels;
    std::string digits = std::to_string(kOne + share % kOne);  // keeps the leading zeros
    digits[0] = share < kOne ? '0' : '1';
    while (digits.size() > 1 + kMinDecimals && digits.back() == '0')
        digits.pop_back();
    return "w" + digits;
}

}  // namespace slimscale::networks
