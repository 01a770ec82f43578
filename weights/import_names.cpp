#include "weights/import_names.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"

namespace slimscale::weights {
namespace {

using networks::Family;
using networks::kMaxBlocks;
using networks::kMaxResidualGroups;
using Names = std::vector<std::string>;

std::string indexed(const std::string &prefix, int index, const std::string &suffix = "") {
    return prefix + std::to_string(index) + suffix;
}

class Checkpoint {
public:
    explicit Checkpoint(const std::map<std::string, Tensor> &tensors) : tensors_(tensors) {}

    bool has(const std::string &conv) const { return tensors_.count(conv + ".weight") != 0; }
    int outputs(const std::string &conv) const { return dimension(conv, 0); }
    int inputs(const std::string &conv) const { return dimension(conv, 1); }  // of one group

    // How many of prefix<first>suffix, prefix<first + 1>suffix, ... there are; an error beyond `limit`, since callers
    // make names from the count.
    Result<int> count(int limit, const std::string &prefix, const std::string &suffix, int first = 0) const {
        int found = 0;
        while (has(indexed(prefix, first + found, suffix)))
            if (++found > limit)
                return Error{"the checkpoint numbers more than " + std::to_string(limit) + " convolutions " +
                             base::in_quotes(prefix + "N" + suffix) + ", the most that a network can have"};
        return found;
    }

private:
    // 0 if there is no such convolution: networks::check_network refuses it later.
    int dimension(const std::string &conv, size_t axis) const {
        constexpr size_t kRank = 4;
        constexpr uint64_t kMax = 1 << 20;
        const auto found = tensors_.find(conv + ".weight");
        if (found == tensors_.end() || found->second.shape.size() != kRank)
            return 0;
        return static_cast<int>(std::min(found->second.shape[axis], kMax));
    }

    const std::map<std::string, Tensor> &tensors_;
};

void append(Names *names, const Names &more) {
    names->insert(names->end(), more.begin(), more.end());
}

// From the up-sampler's convolutions: C -> 9C is x3, C -> 4C is x2, twice for x4.
int scale_of(const Checkpoint &checkpoint, const Names &stages, int channels) {
    if (stages.empty())
        return 0;
    return checkpoint.outputs(stages[0]) == 9 * channels ? 3 : 2 * static_cast<int>(stages.size());
}

Names present(const Checkpoint &checkpoint, const Names &names) {
    Names found;
    std::copy_if(names.begin(), names.end(), std::back_inserter(found),
                 [&](const std::string &name) { return checkpoint.has(name); });
    return found;
}

CheckpointLayout start(const Checkpoint &checkpoint, Family family, const std::string &head) {
    CheckpointLayout layout;
    layout.network.family = family;
    layout.network.channels = checkpoint.outputs(head);
    layout.network.colors = checkpoint.inputs(head);
    layout.convs = {head};
    layout.subtract = "sub_mean";
    layout.add = "add_mean";
    return layout;
}

void finish(const Checkpoint &checkpoint, CheckpointLayout *layout, const Names &stages, const std::string &tail) {
    layout->network.scale = scale_of(checkpoint, stages, layout->network.channels);
    append(&layout->convs, stages);
    layout->convs.push_back(tail);
}

Result<CheckpointLayout> edsr_pytorch(const Checkpoint &checkpoint) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int blocks, checkpoint.count(kMaxBlocks, "body.", ".body.0"));
    CheckpointLayout layout = start(checkpoint, Family::edsr, "head.0");
    layout.network.blocks = blocks;
    for (int i = 0; i < blocks; i++)
        append(&layout.convs, {indexed("body.", i, ".body.0"), indexed("body.", i, ".body.2")});
    layout.convs.push_back(indexed("body.", blocks));
    finish(checkpoint, &layout, present(checkpoint, {"tail.0.0", "tail.0.2"}), "tail.1");
    return layout;
}

Result<CheckpointLayout> csd_edsr(const Checkpoint &checkpoint) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int blocks, checkpoint.count(kMaxBlocks, "body.", ".conv1"));
    CheckpointLayout layout = start(checkpoint, Family::edsr, "head");
    layout.network.slicing = networks::Slicing::leading;
    layout.network.blocks = blocks;
    for (int i = 0; i < blocks; i++)
        append(&layout.convs, {indexed("body.", i, ".conv1"), indexed("body.", i, ".conv2")});
    layout.convs.push_back("body_conv");
    finish(checkpoint, &layout, present(checkpoint, {"upsampler.blocks.0", "upsampler.blocks.1"}), "tail_conv");
    return layout;
}

// What differs between the two namings of RCAN.
struct RcanNames {
    std::string head, conv2, squeeze, expand;  // the last three within a block
    std::string group_end;                     // within a group; empty: the block that follows the last
    std::string body_end;                      // empty: the group that follows the last
};

Result<CheckpointLayout> rcan(const Checkpoint &checkpoint, const RcanNames &names, const Names &stages,
                              const std::string &tail) {
    const Result<int> groups = checkpoint.count(kMaxResidualGroups, "body.", ".body.0.body.0");
    const Result<int> blocks = checkpoint.count(kMaxBlocks, "body.0.body.", ".body.0");
    if (!groups || !blocks)
        return Error{groups ? blocks.error() : groups.error()};
    CheckpointLayout layout = start(checkpoint, Family::rcan, names.head);
    networks::Network &network = layout.network;
    network.residual_groups = *groups;
    network.blocks = *blocks;
    const int squeezed = checkpoint.outputs("body.0.body.0." + names.squeeze);
    network.reduction = squeezed > 0 ? network.channels / squeezed : 0;
    for (int g = 0; g < network.residual_groups; g++) {
        const std::string group = indexed("body.", g, ".");
        for (int i = 0; i < network.blocks; i++) {
            const std::string block = indexed(group + "body.", i, ".");
            append(&layout.convs, {block + "body.0", block + names.conv2, block + names.squeeze, block + names.expand});
        }
        layout.convs.push_back(names.group_end.empty() ? indexed(group + "body.", network.blocks)
                                                       : group + names.group_end);
    }
    layout.convs.push_back(names.body_end.empty() ? indexed("body.", network.residual_groups) : names.body_end);
    finish(checkpoint, &layout, present(checkpoint, stages), tail);
    return layout;
}

Result<CheckpointLayout> rcan_pytorch(const Checkpoint &checkpoint) {
    const RcanNames names{"head.0", "body.2", "body.3.conv_du.0", "body.3.conv_du.2", "", ""};
    return rcan(checkpoint, names, {"tail.0.0", "tail.0.2"}, "tail.1");
}

Result<CheckpointLayout> csd_rcan(const Checkpoint &checkpoint) {
    const RcanNames names{"head_conv", "body.1", "caLayer.conv_du.0", "caLayer.conv_du.1", "conv", "body_conv"};
    Result<CheckpointLayout> layout =
        rcan(checkpoint, names, {"upsampler.blocks.0", "upsampler.blocks.1"}, "tail_conv");
    if (layout)
        layout->network.slicing = networks::Slicing::leading;
    return layout;
}

// What differs between the two namings of CARN: suffixes of a unit's and of a merge's convolutions.
struct CarnNames {
    std::string conv1, conv2, pointwise;  // pointwise: of CARN-M, if the convention has it
    std::string merge;
};

void append_carn_block(const Checkpoint &checkpoint, const CarnNames &names, const networks::Network &network,
                       const std::string &block, CheckpointLayout *layout) {
    const bool pointwise = !names.pointwise.empty() && checkpoint.has(block + "b1" + names.pointwise);
    for (int i = 1; i <= network.blocks; i++) {
        const std::string unit = indexed(block + "b", i);
        if (i == 1 || !network.recursive)
            append(&layout->convs, {unit + names.conv1, unit + names.conv2});
        if (pointwise && (i == 1 || !network.recursive))
            layout->convs.push_back(unit + names.pointwise);
        layout->convs.push_back(indexed(block + "c", i, names.merge));
    }
}

Result<CheckpointLayout> carn(const Checkpoint &checkpoint, const CarnNames &names, const Names &stages) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int blocks, checkpoint.count(kMaxBlocks, "c", names.merge, 1));
    CheckpointLayout layout = start(checkpoint, Family::carn, "entry");
    networks::Network &network = layout.network;
    network.blocks = blocks;
    network.recursive = !checkpoint.has("b1.b2" + names.conv1);
    const int group_channels = checkpoint.inputs("b1.b1" + names.conv1);
    network.group_channels = group_channels == network.channels ? 0 : group_channels;
    for (int i = 1; i <= network.blocks; i++) {
        append_carn_block(checkpoint, names, network, indexed("b", i, "."), &layout);
        layout.convs.push_back(indexed("c", i, names.merge));
    }
    finish(checkpoint, &layout, present(checkpoint, stages), "exit");
    return layout;
}

// "upsample.up." of a checkpoint for one scale, "upsample.up2.", "up3.", "up4." of one for all three.
Result<std::string> carn_upsampler(const Checkpoint &checkpoint, int scale, Names *dropped) {
    if (checkpoint.has("upsample.up.body.0"))
        return std::string("upsample.up.");
    std::string offered;
    for (int i = 2; i <= 4; i++) {
        const std::string prefix = indexed("upsample.up", i, ".");
        if (!checkpoint.has(prefix + "body.0"))
            continue;
        offered += (offered.empty() ? "x" : ", x") + std::to_string(i);
        if (i != scale)
            dropped->push_back(prefix);
    }
    const std::string wanted = indexed("upsample.up", scale, ".");
    if (scale != 0 && checkpoint.has(wanted + "body.0"))
        return wanted;
    return Error{"the checkpoint holds up-samplers for " + (offered.empty() ? "no scale" : offered) +
                 "; pick one with --scale"};
}

Result<CheckpointLayout> carn_pytorch(const Checkpoint &checkpoint, int scale) {
    Names dropped;
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string upsampler, carn_upsampler(checkpoint, scale, &dropped));
    const CarnNames names{".body.0", ".body.2", ".body.4", ".body.0"};
    Result<CheckpointLayout> layout = carn(checkpoint, names, {upsampler + "body.0", upsampler + "body.3"});
    if (!layout)
        return layout;
    layout->network.range = 1;
    layout->dropped = dropped;
    layout->subtract += ".shifter";
    layout->add += ".shifter";
    return layout;
}

// Its residual blocks and up-sampler are those of its EDSR.
Result<CheckpointLayout> csd_carn(const Checkpoint &checkpoint) {
    const CarnNames names{".conv1", ".conv2", "", ".conv"};
    Result<CheckpointLayout> layout = carn(checkpoint, names, {"upsample.blocks.0", "upsample.blocks.1"});
    if (!layout)
        return layout;
    layout->network.slicing = networks::Slicing::leading;
    layout->network.linear_residuals = true;
    return layout;
}

// Convolutions and PReLUs take turns in one list; the last convolution has none. Pixels are 0..1, nothing is
// subtracted, and the enlarged input is added.
Result<CheckpointLayout> srvgg_compact(const Checkpoint &checkpoint) {
    CheckpointLayout layout = start(checkpoint, Family::compact, "body.0");
    layout.subtract = layout.add = "";
    networks::Network &network = layout.network;
    network.range = 1;
    network.mean = {0, 0, 0};
    network.input_skip = true;
    int convs = 1;
    while (checkpoint.outputs(indexed("body.", 2 * convs)) > 0) {
        layout.slopes.push_back(indexed("body.", 2 * convs - 1));
        layout.convs.push_back(indexed("body.", 2 * convs));
        if (++convs > kMaxBlocks + 2)
            return Error{"the checkpoint numbers more than " + std::to_string(kMaxBlocks) +
                         " convolutions \"body.N\" between the first and the last, the most that a network can have"};
    }
    network.blocks = convs - 2;
    const int phases = network.colors > 0 ? checkpoint.outputs(layout.convs.back()) / network.colors : 0;
    for (network.scale = 1; network.scale < 4 && network.scale * network.scale < phases;)
        network.scale++;
    return layout;
}

}  // namespace

Result<CheckpointLayout> read_layout(const std::map<std::string, Tensor> &tensors, int scale) {
    const Checkpoint checkpoint(tensors);
    if (checkpoint.has("entry") && checkpoint.has("b1.b1.body.0"))
        return carn_pytorch(checkpoint, scale);
    if (checkpoint.has("entry") && checkpoint.has("b1.b1.conv1"))
        return csd_carn(checkpoint);
    if (checkpoint.has("head.0") && checkpoint.has("body.0.body.0.body.0"))
        return rcan_pytorch(checkpoint);
    if (checkpoint.has("head.0") && checkpoint.has("body.0.body.0"))
        return edsr_pytorch(checkpoint);
    if (checkpoint.has("head_conv") && checkpoint.has("body.0.body.0.body.0"))
        return csd_rcan(checkpoint);
    if (checkpoint.has("head") && checkpoint.has("body.0.conv1"))
        return csd_edsr(checkpoint);
    if (checkpoint.outputs("body.0") > 0 && checkpoint.has("body.1") && checkpoint.outputs("body.1") == 0)
        return srvgg_compact(checkpoint);
    return Error{"the tensors have names of no known checkpoint; EDSR-PyTorch (EDSR, RCAN), CARN-pytorch (CARN, "
                 "CARN-M), CSD (EDSR, RCAN, CARN) and SRVGGNetCompact are understood"};
}

}  // namespace slimscale::weights
