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

constexpr size_t kColors = 3;
using Vector = std::array<double, kColors>;
using Matrix = std::array<Vector, kColors>;

// A 1x1 convolution from colors to colors.
struct ColorTransform {
    std::string name;
    Matrix matrix;  // [to][from]
    Vector offset;
    double rounding;  // the largest relative rounding error of the offset's type
};

Result<ColorTransform> color_transform(const Tensors &tensors, const std::string &name) {
    const auto weight = tensors.find(name + ".weight"), bias = tensors.find(name + ".bias");
    if (weight == tensors.end() || bias == tensors.end())
        return Error{"the checkpoint lacks " + base::in_quotes(name) +
                     "; say what it subtracts with --mean (0 0 0: nothing)"};
    if (weight->second.data.size() != kColors * kColors || bias->second.data.size() != kColors)
        return Error{"tensors " + base::in_quotes(name) + " do not shift three colors"};
    ColorTransform transform{name, {}, {}, bias->second.rounding};
    for (size_t i = 0; i < kColors; i++) {
        std::copy_n(&weight->second.data[i * kColors], kColors, transform.matrix[i].begin());
        transform.offset[i] = bias->second.data[i];
    }
    return transform;
}

// Checks that a transform passes colors on and adds mean * range * sign.
Status check_shift(const ColorTransform &transform, const Network &network, double sign) {
    for (size_t i = 0; i < kColors; i++) {
        for (size_t j = 0; j < kColors; j++)
            if (transform.matrix[i][j] != (i == j ? 1 : 0))
                return Error{"tensor " + base::in_quotes(transform.name + ".weight") +
                             " scales or mixes colors where --mean and --range only shift them"};
        const double expected = sign * network.mean[i] * network.range;
        if (!is_close(transform.offset[i], expected, transform.rounding))
            return Error{"tensor " + base::in_quotes(transform.name + ".bias") + " shifts by " +
                         std::to_string(transform.offset[i]) + " where the network's mean needs " +
                         std::to_string(expected) + "; see --mean and --range"};
    }
    return Status();
}

// The solution x of matrix * x = offset by Cramer's rule; none if the matrix maps different colors to nearly the same.
std::optional<Vector> solved(const Matrix &matrix, const Vector &offset) {
    const auto determinant = [](const Matrix &m) {
        return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
               m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    };
    constexpr double kSmallest = 1e-6;
    const double whole = determinant(matrix);
    if (!(std::abs(whole) >= kSmallest))
        return std::nullopt;
    Vector x{};
    for (size_t column = 0; column < kColors; column++) {
        Matrix replaced = matrix;
        for (size_t row = 0; row < kColors; row++)
            replaced[row][column] = offset[row];
        x[column] = determinant(replaced) / whole;
    }
    return x;
}

// Multiplies the filters of the first convolution, (outputs, 3, y, x), by the matrix from the right.
void transform_inputs(const Matrix &matrix, Tensor *filters) {
    const size_t outputs = filters->shape[0], taps = filters->data.size() / (outputs * kColors);
    for (size_t output = 0; output < outputs; output++)
        for (size_t tap = 0; tap < taps; tap++) {
            const auto at = [&](size_t color) -> float & {
                return filters->data[(output * kColors + color) * taps + tap];
            };
            Vector products{};
            for (size_t to = 0; to < kColors; to++)
                for (size_t from = 0; from < kColors; from++)
                    products[from] += at(to) * matrix[to][from];
            for (size_t color = 0; color < kColors; color++)
                at(color) = static_cast<float>(products[color]);
        }
}

// Multiplies what the last convolution computes, (3, ...), by the matrix from the left.
void transform_outputs(const Matrix &matrix, Tensor *tensor) {
    const size_t values = tensor->data.size() / kColors;
    for (size_t i = 0; i < values; i++) {
        Vector products{};
        for (size_t to = 0; to < kColors; to++)
            for (size_t from = 0; from < kColors; from++)
                products[to] += matrix[to][from] * tensor->data[from * values + i];
        for (size_t color = 0; color < kColors; color++)
            tensor->data[color * values + i] = static_cast<float>(products[color]);
    }
}

// The value of white in whose colors `offset` is subtracted: what the option says, or 255 if a color is above 1, or 1.
Result<double> white_of(const Vector &offset, const ImportOptions &options, const std::string &name) {
    if (options.range)
        return *options.range;
    double largest = 0;
    for (const double color : offset)
        largest = std::max(largest, std::abs(color));
    constexpr double kBytes = 255, kDarkest = 1 / kBytes;
    if (largest < kDarkest)
        return Error{"tensor " + base::in_quotes(name + ".bias") +
                     " subtracts next to nothing, which does not tell what white is; add --range (255 or 1)"};
    return largest > 1 ? kBytes : 1;
}

// Takes in transforms that are no shift by one mean: programs that left them trainable have trained them, and others
// have means of their own. With colors W p + b before the first convolution, a mean of -W^-1 b and filters times W
// compute the same, at the frame's border too, since the zeros around the frame stay zeros. What is added at the end
// goes into the last convolution.
Status fold_shift(const CheckpointLayout &layout, const ImportOptions &options, const ColorTransform &subtract,
                  const ColorTransform &add, Tensors *tensors, Network *network) {
    const auto tensor = [&](const std::string &name, size_t colors_axis) -> Tensor * {
        const auto found = tensors->find(name);
        const bool fits = found != tensors->end() && found->second.shape.size() > colors_axis &&
                          found->second.shape[colors_axis] == kColors && !found->second.data.empty();
        return fits ? &found->second : nullptr;
    };
    Tensor *const first = tensor(layout.convs.front() + ".weight", 1);
    Tensor *const last = tensor(layout.convs.back() + ".weight", 0);
    Tensor *const bias = tensor(layout.convs.back() + ".bias", 0);
    const std::optional<Vector> offset = solved(subtract.matrix, subtract.offset);
    if (!first || !last || !bias || !offset)
        return check_shift(subtract, *network, -1);
    SLIMSCALE_ASSIGN_OR_RETURN(network->range, white_of(*offset, options, subtract.name));
    for (size_t i = 0; i < kColors; i++) {
        network->mean[i] = 0 - (*offset)[i] / network->range;  // 0 and not -0 for no shift
        if (!(network->mean[i] >= 0 && network->mean[i] <= 1))
            return Error{"tensor " + base::in_quotes(subtract.name + ".bias") + " subtracts " +
                         std::to_string(-(*offset)[i]) + ", which is no color where white is " +
                         std::to_string(network->range) + "; see --mean and --range"};
    }
    transform_inputs(subtract.matrix, first);
    transform_outputs(add.matrix, last);
    transform_outputs(add.matrix, bias);
    for (size_t i = 0; i < kColors; i++)
        bias->data[i] += static_cast<float>(add.offset[i] - network->mean[i] * network->range);
    return Status();
}

// Sets network->range from the mean that the checkpoint subtracts, then removes the tensors that shift it. What they do
// beyond that goes into the first and the last convolution.
Status take_mean_shift(const CheckpointLayout &layout, const ImportOptions &options, Tensors *tensors,
                       Network *network) {
    if (layout.subtract.empty())
        return Status();
    const auto bias = tensors->find(layout.subtract + ".bias");
    if (bias == tensors->end() && options.mean)
        return Status();
    if (bias != tensors->end() && !bias->second.data.empty() && !options.range && network->mean[0] != 0)
        network->range = range_of(bias->second, network->mean[0]);
    SLIMSCALE_ASSIGN_OR_RETURN(const ColorTransform subtract, color_transform(*tensors, layout.subtract));
    SLIMSCALE_ASSIGN_OR_RETURN(const ColorTransform add, color_transform(*tensors, layout.add));
    const Status plain[] = {check_shift(subtract, *network, -1), check_shift(add, *network, 1)};
    if (!plain[0] || !plain[1] || !(network->range > 0)) {
        if (options.mean)
            return plain[0] ? plain[1] : plain[0];
        SLIMSCALE_RETURN_IF_ERROR(fold_shift(layout, options, subtract, add, tensors, network));
    }
    for (const std::string &name : {layout.subtract, layout.add})
        for (const char *part : {".weight", ".bias"})
            tensors->erase(name + part);
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
    const std::map<std::string, std::string> &left_out = checkpoint.left_out;
    const Result<CheckpointPlace> found = find_network(all, options.prefix, options.scale);
    if (!found && !left_out.empty())
        return Error{found.error() + "; tensor " + base::in_quotes(left_out.begin()->first) + " has type " +
                     base::in_quotes(left_out.begin()->second) + ", and " + kReadTypes};
    SLIMSCALE_ASSIGN_OR_RETURN(const CheckpointPlace place, found);
    Tensors tensors;
    std::vector<std::string> skipped;
    for (const auto &[name, type] : left_out)
        skipped.push_back(name);
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
