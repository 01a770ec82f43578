#include "weights/model_file.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include "base/files.h"
#include "base/status.h"
#include "base/text.h"
#include "networks/walkers.h"
#include "weights/metadata.h"

namespace slimscale::weights {
namespace {

const std::string kFormat = "slimscale";

// Checks a tensor that the network has, and returns its first fault.
Status check_tensor(const std::string &name, const std::vector<uint64_t> &shape,
                    const std::map<std::string, Tensor> &tensors) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
        return Error{"tensor " + base::in_quotes(name) + " of shape " + shape_text(shape) + " is missing"};
    const Tensor &tensor = found->second;
    if (tensor.shape != shape)
        return Error{"tensor " + base::in_quotes(name) + " has shape " + shape_text(tensor.shape) +
                     "; the network needs " + shape_text(shape)};
    const uint64_t count = std::accumulate(shape.begin(), shape.end(), uint64_t{1}, std::multiplies<>());
    if (tensor.data.size() != count)
        return Error{"tensor " + base::in_quotes(name) + " holds " + std::to_string(tensor.data.size()) +
                     " values, not " + std::to_string(count)};
    for (const float value : tensor.data)
        if (!std::isfinite(value))
            return Error{"tensor " + base::in_quotes(name) + " holds a value that is infinite or no number"};
    return Status();
}

Status check_trained(const ModelFile &model) {
    if (model.trained_widths.empty())
        return Error{"the file lists no trained width; it must list at least the full one, " +
                     std::to_string(model.network.channels)};
    int previous = 0;
    for (const int width : model.trained_widths) {
        SLIMSCALE_RETURN_IF_ERROR(check_width(model.network, width), "trained widths: ");
        if (width <= previous)
            return Error{"the trained widths must be distinct channel counts in ascending order"};
        previous = width;
    }
    return Status();
}

std::string text_of(const Metadata &metadata, const std::string &key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? "" : found->second;
}

Result<ModelFile> from_safetensors(Safetensors file) {
    const Metadata &metadata = file.metadata;
    if (text_of(metadata, "format") != kFormat)
        return Error{"the file has no slimscale description; import other checkpoints with slimscale_import"};
    if (text_of(metadata, "format_version") != std::to_string(kModelFileVersion))
        return Error{"the file has format version " + base::in_quotes(text_of(metadata, "format_version")) +
                     "; this version reads " + std::to_string(kModelFileVersion)};
    SLIMSCALE_ASSIGN_OR_RETURN(networks::Network network, read_network(metadata));
    SLIMSCALE_ASSIGN_OR_RETURN(std::vector<int> trained, parse_widths(text_of(metadata, "trained_widths")),
                               "trained_widths: ");

    ModelFile model;
    model.network = std::move(network);
    model.trained_widths = std::move(trained);
    model.license = text_of(metadata, "license");
    model.source = text_of(metadata, "source");
    model.notes = text_of(metadata, "notes");
    SLIMSCALE_RETURN_IF_ERROR(take_ranges(file, model.q16));
    drop_widths_without_1x1(model.network, model.q16);
    SLIMSCALE_RETURN_IF_ERROR(take_int8(file, model.int8));
    model.tensors = std::move(file.tensors);
    SLIMSCALE_RETURN_IF_ERROR(check_model(model));
    return model;
}

// Adds the metadata that tell other programs what the file is: https://github.com/Stability-AI/ModelSpec.
void put_model_spec(const ModelFile &model, Metadata &metadata) {
    const networks::Network &network = model.network;
    metadata["modelspec.sai_model_spec"] = "1.0.1";
    metadata["modelspec.architecture"] = metadata["network.family"];
    metadata["modelspec.implementation"] = "slimscale";
    metadata["modelspec.title"] = network.name + " x" + std::to_string(network.scale);
    metadata["modelspec.usage_hint"] = std::to_string(network.scale) + "x super-resolution of " +
                                       (network.colors == 1 ? "gray" : "RGB") + " images, at " +
                                       widths_text(model.trained_widths) + " channels";
    if (!model.license.empty())
        metadata["modelspec.license"] = model.license;
    if (!model.notes.empty())
        metadata["modelspec.description"] = model.notes;
}

}  // namespace

Status check_model(const ModelFile &model) {
    SLIMSCALE_RETURN_IF_ERROR(check_network(model.network));
    SLIMSCALE_RETURN_IF_ERROR(check_trained(model));
    std::set<std::string> known;
    for (const networks::TensorShape &needed :
         networks::tensors(networks::build(model.network, model.network.channels))) {
        known.insert(needed.name);
        SLIMSCALE_RETURN_IF_ERROR(check_tensor(needed.name, {needed.shape.begin(), needed.shape.end()}, model.tensors));
    }
    for (const auto &[name, tensor] : model.tensors)
        if (known.count(name) == 0)
            return Error{"tensor " + base::in_quotes(name) + " does not belong to the network " +
                         base::in_quotes(model.network.name)};
    SLIMSCALE_RETURN_IF_ERROR(check_ranges(model.network, model.q16));
    return check_int8(model.network, model.int8);
}

Result<ModelFile> parse_model(const uint8_t *bytes, size_t size) {
    SLIMSCALE_ASSIGN_OR_RETURN(Safetensors file, parse_safetensors(bytes, size));
    return from_safetensors(std::move(file));
}

Result<ModelFile> load_model(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, base::read_file(path));
    SLIMSCALE_ASSIGN_OR_RETURN(ModelFile model, parse_model(bytes.data(), bytes.size()), path + ": ");
    return model;
}

Result<std::vector<uint8_t>> serialize_model(const ModelFile &model) {
    SLIMSCALE_RETURN_IF_ERROR(check_model(model));
    Safetensors file;
    file.metadata = {{"format", kFormat},
                     {"format_version", std::to_string(kModelFileVersion)},
                     {"trained_widths", widths_text(model.trained_widths)},
                     {"license", model.license},
                     {"source", model.source},
                     {"notes", model.notes}};
    write_network(model.network, &file.metadata);
    put_model_spec(model, file.metadata);
    file.tensors = model.tensors;
    put_ranges(model.q16, file);
    put_int8(model.int8, file);
    return serialize_safetensors(file);
}

Status save_model(const std::string &path, const ModelFile &model) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, serialize_model(model));
    return base::write_file(path, bytes);
}

}  // namespace slimscale::weights
