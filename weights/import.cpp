#include "weights/import.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/status.h"
#include "base/text.h"
#include "networks/walkers.h"
#include "weights/import_names.h"
#include "weights/metadata.h"

namespace slimscale::weights {
namespace {

using networks::Family;
using networks::Network;

bool starts_with(const std::string &text, const std::string &prefix) {
    return text.compare(0, prefix.size(), prefix) == 0;
}

bool same_architecture(const Network &a, const Network &b) {
    return a.family == b.family && a.channels == b.channels && a.blocks == b.blocks &&
           a.residual_groups == b.residual_groups && (a.family != Family::rcan || a.reduction == b.reduction) &&
           a.group_channels == b.group_channels && a.recursive == b.recursive &&
           a.linear_residuals == b.linear_residuals && a.feature_residual == b.feature_residual;
}

std::string architecture_text(const Network &network) {
    const std::string size =
        std::to_string(network.blocks) + " blocks of " + std::to_string(network.channels) + " channels";
    constexpr const char *kTitles[] = {
#define SLIMSCALE_FAMILY(name, title) title,
#include "networks/families.inc"
    };
    const std::string title = kTitles[static_cast<size_t>(network.family)] + std::string(" with ");
    const std::string groups =
        network.residual_groups > 0 ? std::to_string(network.residual_groups) + " groups of " : "";
    std::string text = title + groups + size + (network.feature_residual ? ", feature residual" : "");
    if (network.family == Family::carn)
        text += ", " + std::to_string(network.group_channels) + " per group, units " +
                (network.recursive ? "shared" : "of their own") +
                (network.linear_residuals ? ", no ReLU after residual sums" : "");
    return text;
}

std::optional<Network> matching_preset(const Network &network) {
    for (const std::string &name : networks::preset_names()) {
        const std::optional<Network> preset = networks::preset(name, network.scale, network.colors);
        if (preset && same_architecture(*preset, network))
            return preset;
    }
    return std::nullopt;
}

std::string preset_list() {
    std::string text;
    for (const std::string &name : networks::preset_names())
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

// The preset that is asked for, or the one that matches; none if the network has no preset's size.
Result<std::optional<Network>> find_preset(const Network &found, const std::string &wanted) {
    if (wanted == "auto")
        return matching_preset(found);
    const std::optional<Network> preset = networks::preset(wanted, found.scale, found.colors);
    if (!preset)
        return Error{"there is no network " + base::in_quotes(wanted) + "; choose auto or one of " + preset_list()};
    if (!same_architecture(*preset, found))
        return Error{"the checkpoint holds " + architecture_text(found) + "; " + wanted + " is " +
                     architecture_text(*preset)};
    return preset;
}

// The name of a network that has no preset's size: "edsr_b20_c48".
std::string name_of_size(const Network &network) {
    return family_text(network.family) + (network.linear_residuals ? "_linear" : "") +
           (network.group_channels > 0 ? "_m" : "") +
           (network.residual_groups > 0 ? "_g" + std::to_string(network.residual_groups) : "") + "_b" +
           std::to_string(network.blocks) + "_c" + std::to_string(network.channels);
}

// Adds to what the tensors tell what the preset and the options say.
Result<Network> complete(Network network, const ImportOptions &options) {
    if (options.scale != 0 && options.scale != network.scale)
        return Error{"the checkpoint is for x" + std::to_string(network.scale) + ", not x" +
                     std::to_string(options.scale)};
    SLIMSCALE_ASSIGN_OR_RETURN(const std::optional<Network> preset, find_preset(network, options.network));
    if (!preset && network.family == Family::edsr && !options.res_scale)
        return Error{
            "the checkpoint does not say by how much EDSR scales its residuals; add --res-scale (1, or 0.1 for "
            "large ones)"};
    network.name = !options.name.empty() ? options.name : preset ? preset->name : name_of_size(network);
    if (network.family == Family::edsr)
        network.res_scale = options.res_scale ? *options.res_scale : preset->res_scale;
    network.slicing = options.slicing.value_or(network.slicing);
    network.range = options.range.value_or(network.range);
    network.mean = options.mean.value_or(network.mean);
    return network;
}

// rounding: the largest relative rounding error of the type that one of the two was stored in.
bool is_close(double a, double b, double rounding) {
    return std::abs(a - b) <= (1e-4 + rounding) * std::max(std::abs(a), std::abs(b));
}

// The value of white, computed from the shift of the first color: 255 or 1 if the stored type's precision allows it,
// else the quotient, rounded to thousandths.
double range_of(const Tensor &shift, double mean) {
    const double range = -static_cast<double>(shift.data[0]) / mean;
    for (const double usual : {255.0, 1.0})
        if (is_close(range, usual, shift.rounding))
            return usual;
    return std::round(range * 1000) / 1000;
}

// Checks that `tensors` hold a 1x1 convolution that passes colors on and adds mean * range * sign.
Status check_shift(const Tensors &tensors, const std::string &name, const Network &network, double sign) {
    constexpr size_t kColors = 3;
    const auto weight = tensors.find(name + ".weight"), bias = tensors.find(name + ".bias");
    if (weight == tensors.end() || bias == tensors.end())
        return Error{"the checkpoint lacks " + base::in_quotes(name) +
                     "; say what it subtracts with --mean (0 0 0: nothing)"};
    if (weight->second.data.size() != kColors * kColors || bias->second.data.size() != kColors)
        return Error{"tensors " + base::in_quotes(name) + " do not shift three colors"};
    for (size_t i = 0; i < kColors; i++) {
        for (size_t j = 0; j < kColors; j++)
            if (weight->second.data[i * kColors + j] != (i == j ? 1 : 0))
                return Error{"tensor " + base::in_quotes(name + ".weight") +
                             " scales or mixes colors; only a shift of the mean is supported"};
        const double expected = sign * network.mean[i] * network.range;
        if (!is_close(bias->second.data[i], expected, bias->second.rounding))
            return Error{"tensor " + base::in_quotes(name + ".bias") + " shifts by " +
                         std::to_string(bias->second.data[i]) + " where the network's mean needs " +
                         std::to_string(expected) + "; see --mean and --range"};
    }
    return Status();
}

// Sets network->range from the mean that the checkpoint subtracts, then removes the tensors that shift it.
Status take_mean_shift(const CheckpointLayout &layout, const ImportOptions &options, Tensors *tensors,
                       Network *network) {
    if (layout.subtract.empty())
        return Status();
    const auto bias = tensors->find(layout.subtract + ".bias");
    if (bias == tensors->end() && options.mean)
        return Status();
    if (bias != tensors->end() && !bias->second.data.empty() && !options.range && network->mean[0] != 0)
        network->range = range_of(bias->second, network->mean[0]);
    for (const auto &[name, sign] : {std::pair{layout.subtract, -1.0}, std::pair{layout.add, 1.0}}) {
        SLIMSCALE_RETURN_IF_ERROR(check_shift(*tensors, name, *network, sign));
        tensors->erase(name + ".weight");
        tensors->erase(name + ".bias");
    }
    return Status();
}

// Moves the tensors whose names begin with `prefix` to `bare`, and removes it from their names. The names of all others
// go to `skipped`.
void unwrap(Tensors &&tensors, const std::string &prefix, Tensors *bare, std::vector<std::string> *skipped) {
    for (auto &[name, tensor] : tensors)
        if (starts_with(name, prefix))
            bare->emplace(name.substr(prefix.size()), std::move(tensor));
        else
            skipped->push_back(name);
}

std::string first_part(const std::string &name) {
    return name.substr(0, name.find('.'));
}

// The first words of the names of the network's layers: "head", "body", "tail".
std::set<std::string> parts_of(const CheckpointLayout &layout) {
    std::set<std::string> parts;
    for (const std::vector<std::string> &names : {layout.convs, layout.slopes})
        for (const std::string &name : names)
            parts.insert(first_part(name));
    return parts;
}

// Skips the tensors that are left over if the network computes the same without them: counters, constants and other
// modules. A tensor of more than one number in one of the network's parts is a layer of another network, and so is a
// convolution beside these parts.
Status skip_left_over(const Tensors &left, const CheckpointPlace &place, const std::string &network,
                      std::vector<std::string> *skipped) {
    const std::set<std::string> parts = parts_of(place.layout);
    for (const auto &[name, tensor] : left) {
        const auto other_scale = [&, &tensor_name = name](const std::string &prefix) {
            return starts_with(tensor_name, prefix);
        };
        const std::vector<std::string> &dropped = place.layout.dropped;
        const bool inside = parts.count(first_part(name)) != 0 && tensor.data.size() != 1;
        const bool beside = name == first_part(name) + ".weight" && tensor.shape.size() == 4;
        if ((inside || beside) && std::none_of(dropped.begin(), dropped.end(), other_scale))
            return Error{"tensor " + base::in_quotes(name) + " of shape " + shape_text(tensor.shape) +
                         " does not belong to " + network + ": by its other names this is " + place.title +
                         ", but with a layer more it is another network"};
        skipped->push_back(place.prefix + name);
    }
    return Status();
}

// The checkpoint's names of the tensors that a network needs. `layout` and `needed` both list convolutions and PReLUs
// in the order of first use.
Result<std::vector<std::string>> names_for(const CheckpointLayout &layout,
                                           const std::vector<networks::TensorShape> &needed,
                                           const std::string &network) {
    const auto ends_in = [](const std::string &name, const char *kind) { return name.substr(name.rfind('.')) == kind; };
    size_t convs = 0, slopes = 0;
    std::vector<std::string> names;
    for (const networks::TensorShape &tensor : needed) {
        const bool is_slope = ends_in(tensor.name, ".slope"), is_weight = ends_in(tensor.name, ".weight");
        size_t &count = is_slope ? slopes : convs;
        count += is_slope || is_weight ? 1 : 0;
        const std::vector<std::string> &theirs = is_slope ? layout.slopes : layout.convs;
        names.push_back(count > theirs.size() ? "" : theirs[count - 1] + (is_slope || is_weight ? ".weight" : ".bias"));
    }
    if (convs != layout.convs.size() || slopes != layout.slopes.size())
        return Error{"the checkpoint has " + std::to_string(layout.convs.size()) + " convolutions where " + network +
                     " has " + std::to_string(convs)};
    return names;
}

// Moves the tensors that the network needs, under our names, out of `tensors`.
Result<Tensors> rename(const CheckpointLayout &layout, const std::vector<networks::TensorShape> &needed,
                       Tensors &tensors, const std::string &network) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<std::string> names, names_for(layout, needed, network));
    Tensors renamed;
    for (size_t i = 0; i < needed.size(); i++) {
        const std::string &name = names[i];
        const std::vector<uint64_t> shape(needed[i].shape.begin(), needed[i].shape.end());
        const auto found = tensors.find(name);
        if (found == tensors.end())
            return Error{"tensor " + base::in_quotes(name) + " of shape " + shape_text(shape) + " is missing"};
        if (found->second.shape != shape)
            return Error{"tensor " + base::in_quotes(name) + " has shape " + shape_text(found->second.shape) + "; " +
                         network + " needs " + shape_text(shape)};
        renamed[needed[i].name] = std::move(found->second);
        tensors.erase(found);
    }
    return renamed;
}

}  // namespace

Result<ModelFile> import_checkpoint(const Safetensors &checkpoint, const ImportOptions &options, ImportReport *report) {
    Tensors all = without_private_parts(checkpoint.tensors);
    SLIMSCALE_ASSIGN_OR_RETURN(const CheckpointPlace place, find_network(all, options.prefix, options.scale));
    Tensors tensors;
    std::vector<std::string> skipped;
    unwrap(std::move(all), place.prefix, &tensors, &skipped);
    const CheckpointLayout &layout = place.layout;
    SLIMSCALE_ASSIGN_OR_RETURN(Network network, complete(layout.network, options));
    SLIMSCALE_RETURN_IF_ERROR(take_mean_shift(layout, options, &tensors, &network));
    SLIMSCALE_RETURN_IF_ERROR(check_network(network), "the checkpoint's network cannot be built: ");
    const auto needed = networks::tensors(networks::build(network, network.channels));
    SLIMSCALE_ASSIGN_OR_RETURN(Tensors renamed, rename(layout, needed, tensors, network.name));
    SLIMSCALE_RETURN_IF_ERROR(skip_left_over(tensors, place, network.name, &skipped));
    std::sort(skipped.begin(), skipped.end());
    if (report)
        *report = {place.title, place.prefix, place.rejected, skipped};

    ModelFile model;
    model.network = network;
    model.trained_widths = options.trained_widths.empty() ? std::vector<int>{network.channels} : options.trained_widths;
    model.license = options.license;
    model.source = options.source;
    model.notes = options.notes;
    model.tensors = std::move(renamed);
    SLIMSCALE_RETURN_IF_ERROR(check_model(model));
    return model;
}

}  // namespace slimscale::weights
