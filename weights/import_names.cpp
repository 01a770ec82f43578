#include "weights/import_names.h"

#include <algorithm>
#include <functional>

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
    Checkpoint(const Tensors &tensors, std::string prefix) : tensors_(tensors), prefix_(std::move(prefix)) {}

    bool has(const std::string &conv) const { return tensors_.count(prefix_ + conv + ".weight") != 0; }
    int outputs(const std::string &conv) const { return dimension(conv, 0); }
    int inputs(const std::string &conv) const { return dimension(conv, 1); }  // of one group

    // Counts prefix<first>suffix, prefix<first + 1>suffix, ... up to the first that is missing. More than `limit` are
    // an error, since callers make as many names.
    Result<int> count(int limit, const std::string &prefix, const std::string &suffix, int first = 0) const {
        int found = 0;
        while (has(indexed(prefix, first + found, suffix)))
            if (++found > limit)
                return Error{"the checkpoint numbers more than " + std::to_string(limit) + " convolutions " +
                             base::in_quotes(prefix + "N" + suffix) + ", the most that a network can have"};
        return found;
    }

private:
    // 0 if there is no such convolution, which networks::check_network refuses later.
    int dimension(const std::string &conv, size_t axis) const {
        constexpr size_t kRank = 4;
        constexpr uint64_t kMax = 1 << 20;
        const auto found = tensors_.find(prefix_ + conv + ".weight");
        if (found == tensors_.end() || found->second.shape.size() != kRank)
            return 0;
        return static_cast<int>(std::min(found->second.shape[axis], kMax));
    }

    const Tensors &tensors_;
    std::string prefix_;  // of all names
};

void append(Names *names, const Names &more) {
    names->insert(names->end(), more.begin(), more.end());
}

// The scale that the up-sampler's convolutions tell: C -> 9C is x3, C -> 4C is x2, two of these are x4.
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

Result<CheckpointLayout> edsr_pytorch(const Checkpoint &checkpoint, int) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int blocks, checkpoint.count(kMaxBlocks, "body.", ".body.0"));
    CheckpointLayout layout = start(checkpoint, Family::edsr, "head.0");
    layout.network.blocks = blocks;
    for (int i = 0; i < blocks; i++)
        append(&layout.convs, {indexed("body.", i, ".body.0"), indexed("body.", i, ".body.2")});
    layout.convs.push_back(indexed("body.", blocks));
    finish(checkpoint, &layout, present(checkpoint, {"tail.0.0", "tail.0.2"}), "tail.1");
    return layout;
}

Result<CheckpointLayout> csd_edsr(const Checkpoint &checkpoint, int) {
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

// BasicSR's EDSR, and mmagic's, which has other names in the up-sampler. Neither has tensors for the mean.
Result<CheckpointLayout> basicsr_edsr(const Checkpoint &checkpoint, const Names &stages) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int blocks, checkpoint.count(kMaxBlocks, "body.", ".conv1"));
    CheckpointLayout layout = start(checkpoint, Family::edsr, "conv_first");
    layout.subtract = layout.add = "";
    layout.network.blocks = blocks;
    for (int i = 0; i < blocks; i++)
        append(&layout.convs, {indexed("body.", i, ".conv1"), indexed("body.", i, ".conv2")});
    layout.convs.push_back("conv_after_body");
    finish(checkpoint, &layout, present(checkpoint, stages), "conv_last");
    return layout;
}

Result<CheckpointLayout> basicsr_edsr(const Checkpoint &checkpoint, int) {
    return basicsr_edsr(checkpoint, {"upsample.0", "upsample.2"});
}

// mmagic's networks take pixels in 0..1.
Result<CheckpointLayout> mmagic_edsr(const Checkpoint &checkpoint, int) {
    Result<CheckpointLayout> layout =
        basicsr_edsr(checkpoint, {"upsample.0.upsample_conv", "upsample.1.upsample_conv"});
    if (layout)
        layout->network.range = 1;
    return layout;
}

// What differs between the namings of RCAN. A group is "body.N.", and a block in it <blocks>"N.".
struct RcanNames {
    std::string head, blocks;
    std::string conv1, conv2, squeeze, expand;  // within a block
    std::string group_end;                      // within a group; empty: the block that follows the last
    std::string body_end;                       // empty: the group that follows the last
};

Result<CheckpointLayout> rcan(const Checkpoint &checkpoint, const RcanNames &names, const Names &stages,
                              const std::string &tail) {
    const std::string first_group = "body.0." + names.blocks;
    const Result<int> groups = checkpoint.count(kMaxResidualGroups, "body.", "." + names.blocks + "0." + names.conv1);
    const Result<int> blocks = checkpoint.count(kMaxBlocks, first_group, "." + names.conv1);
    if (!groups || !blocks)
        return Error{groups ? blocks.error() : groups.error()};
    CheckpointLayout layout = start(checkpoint, Family::rcan, names.head);
    networks::Network &network = layout.network;
    network.residual_groups = *groups;
    network.blocks = *blocks;
    const int squeezed = checkpoint.outputs(first_group + "0." + names.squeeze);
    network.reduction = squeezed > 0 ? network.channels / squeezed : 0;
    for (int g = 0; g < network.residual_groups; g++) {
        const std::string group = indexed("body.", g, ".");
        for (int i = 0; i < network.blocks; i++) {
            const std::string block = indexed(group + names.blocks, i, ".");
            append(&layout.convs,
                   {block + names.conv1, block + names.conv2, block + names.squeeze, block + names.expand});
        }
        layout.convs.push_back(names.group_end.empty() ? indexed(group + names.blocks, network.blocks)
                                                       : group + names.group_end);
    }
    layout.convs.push_back(names.body_end.empty() ? indexed("body.", network.residual_groups) : names.body_end);
    finish(checkpoint, &layout, present(checkpoint, stages), tail);
    return layout;
}

Result<CheckpointLayout> rcan_pytorch(const Checkpoint &checkpoint, int) {
    const RcanNames names{"head.0", "body.", "body.0", "body.2", "body.3.conv_du.0", "body.3.conv_du.2", "", ""};
    return rcan(checkpoint, names, {"tail.0.0", "tail.0.2"}, "tail.1");
}

// BasicSR's checkpoints have no tensors for the mean.
Result<CheckpointLayout> basicsr_rcan(const Checkpoint &checkpoint, int) {
    const RcanNames names{"conv_first",         "residual_group.",    "rcab.0", "rcab.2",
                          "rcab.3.attention.1", "rcab.3.attention.3", "conv",   "conv_after_body"};
    Result<CheckpointLayout> layout = rcan(checkpoint, names, {"upsample.0", "upsample.2"}, "conv_last");
    if (layout)
        layout->subtract = layout->add = "";
    return layout;
}

Result<CheckpointLayout> csd_rcan(const Checkpoint &checkpoint, int) {
    const RcanNames names{"head_conv",         "body.", "body.0",   "body.1", "caLayer.conv_du.0",
                          "caLayer.conv_du.1", "conv",  "body_conv"};
    Result<CheckpointLayout> layout =
        rcan(checkpoint, names, {"upsampler.blocks.0", "upsampler.blocks.1"}, "tail_conv");
    if (layout)
        layout->network.slicing = networks::Slicing::leading;
    return layout;
}

// What differs between the two namings of CARN: the suffixes of convolutions in a unit, and that of a merge.
struct CarnNames {
    std::string conv1, conv2, pointwise;  // pointwise: CARN-M's 1x1; "": the convention has no CARN-M
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

// The up-sampler's prefix: "upsample.up." in a checkpoint for one scale; "upsample.up2.", "upsample.up3." or
// "upsample.up4." in one for several.
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

// CSD's CARN has the residual blocks and the up-sampler of CSD's EDSR.
Result<CheckpointLayout> csd_carn(const Checkpoint &checkpoint, int) {
    const CarnNames names{".conv1", ".conv2", "", ".conv"};
    Result<CheckpointLayout> layout = carn(checkpoint, names, {"upsample.blocks.0", "upsample.blocks.1"});
    if (!layout)
        return layout;
    layout->network.slicing = networks::Slicing::leading;
    layout->network.linear_residuals = true;
    return layout;
}

// Convolutions and PReLUs alternate in one list; no PReLU follows the last convolution. Pixels are 0..1, no mean is
// subtracted, and the enlarged input is added.
Result<CheckpointLayout> srvgg_compact(const Checkpoint &checkpoint, int) {
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

// Whether "body.0" is a convolution from colors and "body.1" is no convolution. Many networks have a "body.0".
bool starts_compact(const Checkpoint &checkpoint) {
    const int colors = checkpoint.inputs("body.0");
    return (colors == 1 || colors == 3) && checkpoint.outputs("body.1") == 0;
}

struct Convention {
    const char *title;
    Names signs;  // convolutions that every such checkpoint has, and that no other convention has all of
    Result<CheckpointLayout> (*read)(const Checkpoint &, int scale);
    bool (*fits)(const Checkpoint &) = nullptr;  // a further condition, checked if all signs are there; null: none
};

const std::vector<Convention> &conventions() {
    static const std::vector<Convention> list = {
        {"EDSR of EDSR-PyTorch", {"head.0", "body.0.body.0"}, edsr_pytorch},
        {"EDSR of BasicSR", {"conv_first", "body.0.conv1", "conv_after_body", "upsample.0"}, basicsr_edsr},
        {"EDSR of mmagic", {"conv_first", "body.0.conv1", "conv_after_body", "upsample.0.upsample_conv"}, mmagic_edsr},
        {"EDSR of CSD", {"head", "body.0.conv1"}, csd_edsr},
        {"RCAN of EDSR-PyTorch", {"head.0", "body.0.body.0.body.0"}, rcan_pytorch},
        {"RCAN of BasicSR", {"conv_first", "body.0.residual_group.0.rcab.0", "conv_after_body"}, basicsr_rcan},
        {"RCAN of CSD", {"head_conv", "body.0.body.0.body.0"}, csd_rcan},
        {"CARN of CARN-pytorch", {"entry", "b1.b1.body.0"}, carn_pytorch},
        {"CARN of CSD", {"entry", "b1.b1.conv1", "c1.conv", "upsample.blocks.0"}, csd_carn},
        {"SRVGGNetCompact of Real-ESRGAN", {"body.0", "body.1"}, srvgg_compact, starts_compact},
    };
    return list;
}

// The signs of one convention behind one prefix.
struct Match {
    const Convention *convention;
    std::string prefix;
    size_t found = 0;  // number of signs that are there
    bool whole(const Tensors &tensors) const {
        return found == convention->signs.size() &&
               (!convention->fits || convention->fits(Checkpoint(tensors, prefix)));
    }
    double share() const { return static_cast<double>(found) / static_cast<double>(convention->signs.size()); }
};

bool ends_with(const std::string &text, const std::string &end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// A match for every convention and prefix with at least one sign, in that order.
std::vector<Match> find_signs(const Tensors &tensors) {
    std::vector<Match> matches;
    for (const Convention &convention : conventions()) {
        std::map<std::string, size_t> found;
        for (const std::string &sign : convention.signs)
            for (const auto &[name, tensor] : tensors) {
                const std::string end = sign + ".weight";
                if (!ends_with(name, end))
                    continue;
                const std::string prefix = name.substr(0, name.size() - end.size());
                if (prefix.empty() || prefix.back() == '.')
                    found[prefix]++;
            }
        for (const auto &[prefix, count] : found)
            matches.push_back({&convention, prefix, count});
    }
    return matches;
}

// Whether one of the words of a prefix is "ema", as in "params_ema.", "generator_ema." and "ema.model.".
bool is_average(const std::string &prefix) {
    constexpr const char *kBetweenWords = "._-";
    for (size_t begin = 0; begin < prefix.size();) {
        const size_t end = std::min(prefix.find_first_of(kBetweenWords, begin), prefix.size());
        if (prefix.compare(begin, end - begin, "ema") == 0)
            return true;
        begin = end + 1;
    }
    return false;
}

std::string place_text(const std::string &prefix) {
    return prefix.empty() ? "no prefix" : base::in_quotes(prefix);
}

std::string places_text(const std::vector<Match> &matches) {
    constexpr size_t kMost = 8;
    Names texts;
    for (size_t i = 0; i < std::min(matches.size(), kMost); i++)
        texts.push_back(place_text(matches[i].prefix) + " (" + matches[i].convention->title + ")");
    return base::joined(texts) + (matches.size() > kMost ? ", ..." : "");
}

// Names the conventions that lack the fewest signs: "EDSR of BasicSR, which has "upsample.0" too".
std::string nearest_text(const Tensors &tensors, std::vector<Match> matches) {
    constexpr size_t kMost = 2;
    std::stable_sort(matches.begin(), matches.end(),
                     [](const Match &a, const Match &b) { return a.share() > b.share(); });
    Names texts;
    for (const Match &match : matches) {
        if (texts.size() == kMost || match.share() < matches[0].share())
            break;
        const Checkpoint checkpoint(tensors, match.prefix);
        Names lacking;
        for (const std::string &sign : match.convention->signs)
            if (!checkpoint.has(sign))
                lacking.push_back(base::in_quotes(sign));
        texts.push_back(
            std::string(match.convention->title) +
            (match.prefix.empty() ? "" : " under " + base::in_quotes(match.prefix)) +
            (lacking.empty() ? ", whose shapes are others" : ", which has " + base::joined(lacking) + " too"));
    }
    return base::joined(texts, "; or ");
}

Error unknown_names(const Tensors &tensors, const std::vector<Match> &matches) {
    Names titles;
    for (const Convention &convention : conventions())
        titles.push_back(convention.title);
    const std::string nearest = nearest_text(tensors, matches);
    return Error{"the tensors have names of no known checkpoint; " +
                 (nearest.empty() ? "" : "nearest comes " + nearest + "; ") + "understood are " + base::joined(titles)};
}

void keep_averages(std::vector<Match> &matches) {
    const auto average = [](const Match &match) { return is_average(match.prefix); };
    if (std::any_of(matches.begin(), matches.end(), average))
        matches.erase(std::remove_if(matches.begin(), matches.end(), std::not_fn(average)), matches.end());
}

// The match that `prefix` asks for, else the only one, or the only one of averaged weights.
Result<Match> choose(const std::vector<Match> &whole, const std::optional<std::string> &prefix) {
    std::vector<Match> left = whole;
    if (prefix) {
        const std::string wanted = prefix->empty() || prefix->back() == '.' ? *prefix : *prefix + ".";
        left.erase(std::remove_if(left.begin(), left.end(), [&](const Match &m) { return m.prefix != wanted; }),
                   left.end());
        if (left.empty())
            return Error{"no known network has the prefix " + base::in_quotes(wanted) + "; there is one under " +
                         places_text(whole)};
    } else
        keep_averages(left);
    if (left.size() > 1)
        return Error{"the checkpoint holds several networks, under " + places_text(left) + "; pick one with --prefix"};
    return left[0];
}

}  // namespace

Tensors without_private_parts(const Tensors &tensors) {
    Tensors bare;
    for (const auto &[name, tensor] : tensors) {
        std::string shorter;
        for (size_t begin = 0; begin <= name.size();) {
            const size_t end = std::min(name.find('.', begin), name.size());
            if (name[begin] != '_')
                shorter += (shorter.empty() ? "" : ".") + name.substr(begin, end - begin);
            begin = end + 1;
        }
        const bool taken =
            shorter.empty() || bare.count(shorter) != 0 || (shorter != name && tensors.count(shorter) != 0);
        bare.emplace(taken ? name : shorter, tensor);
    }
    return bare;
}

Result<CheckpointPlace> find_network(const Tensors &tensors, const std::optional<std::string> &prefix, int scale) {
    const std::vector<Match> matches = find_signs(tensors);
    std::vector<Match> whole;
    std::copy_if(matches.begin(), matches.end(), std::back_inserter(whole),
                 [&](const Match &match) { return match.whole(tensors); });
    if (whole.empty())
        return unknown_names(tensors, matches);
    SLIMSCALE_ASSIGN_OR_RETURN(const Match match, choose(whole, prefix));
    CheckpointPlace place;
    place.title = match.convention->title;
    place.prefix = match.prefix;
    for (const Match &other : whole)
        if (other.prefix != match.prefix)
            place.rejected.push_back(other.prefix);
    SLIMSCALE_ASSIGN_OR_RETURN(place.layout, match.convention->read(Checkpoint(tensors, match.prefix), scale));
    return place;
}

}  // namespace slimscale::weights
