#include "weights/model_file.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include "networks/walkers.h"
#include "weights/base_names.h"
#include "weights/metadata.h"

namespace slimscale::weights {
namespace {

const std::string kFormat = "slimscale";

// "" or the first fault of a tensor that the network has.
std::string tensor_error(const std::string &name, const std::vector<uint64_t> &shape,
                         const std::map<std::string, Tensor> &tensors) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
        return "tensor " + in_quotes(name) + " of shape " + shape_text(shape) + " is missing";
    const Tensor &tensor = found->second;
    if (tensor.shape != shape)
        return "tensor " + in_quotes(name) + " has shape " + shape_text(tensor.shape) + "; the network needs " +
               shape_text(shape);
    const uint64_t count = std::accumulate(shape.begin(), shape.end(), uint64_t{1}, std::multiplies<>());
    if (tensor.data.size() != count)
        return "tensor " + in_quotes(name) + " holds " + std::to_string(tensor.data.size()) + " values, not " +
               std::to_string(count);
    for (const float value : tensor.data)
        if (!std::isfinite(value))
            return "tensor " + in_quotes(name) + " holds a value that is infinite or no number";
    return "";
}

std::string trained_error(const ModelFile &model) {
    if (model.trained_widths.empty())
        return "the file lists no trained width; the full one, " + std::to_string(model.network.channels) +
               ", is the least";
    int previous = 0;
    for (const int width : model.trained_widths) {
        if (std::string error = width_error(model.network, width); !error.empty())
            return "trained widths: " + error;
        if (width <= previous)
            return "trained widths must be ascending channel counts, each once";
        previous = width;
    }
    return "";
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
        return Error{"the file has format version " + in_quotes(text_of(metadata, "format_version")) +
                     "; this version reads " + std::to_string(kModelFileVersion)};
    Result<networks::Network> network = read_network(metadata);
    if (!network)
        return Error{network.error()};
    Result<std::vector<int>> trained = parse_widths(text_of(metadata, "trained_widths"));
    if (!trained)
        return Error{"trained_widths: " + trained.error()};

    ModelFile model;
    model.network = std::move(*network);
    model.trained_widths = std::move(*trained);
    model.license = text_of(metadata, "license");
    model.source = text_of(metadata, "source");
    model.notes = text_of(metadata, "notes");
    if (std::string error = take_ranges(file, model.q16); !error.empty())
        return Error{error};
    drop_widths_without_1x1(model.network, model.q16);
    model.tensors = std::move(file.tensors);
    if (std::string error = model_error(model); !error.empty())
        return Error{error};
    return model;
}

}  // namespace

std::string model_error(const ModelFile &model) {
    if (std::string error = network_error(model.network); !error.empty())
        return error;
    if (std::string error = trained_error(model); !error.empty())
        return error;
    std::set<std::string> known;
    for (const networks::TensorShape &needed :
         networks::tensors(networks::build(model.network, model.network.channels))) {
        known.insert(needed.name);
        if (std::string error = tensor_error(needed.name, {needed.shape.begin(), needed.shape.end()}, model.tensors);
            !error.empty())
            return error;
    }
    for (const auto &[name, tensor] : model.tensors)
        if (known.count(name) == 0)
            return "tensor " + in_quotes(name) + " does not belong to the network " + in_quotes(model.network.name);
    return ranges_error(model.network, model.q16);
}

Result<ModelFile> parse_model(const uint8_t *bytes, size_t size) {
    Result<Safetensors> file = parse_safetensors(bytes, size);
    if (!file)
        return Error{file.error()};
    return from_safetensors(std::move(*file));
}

Result<ModelFile> load_model(const std::string &path) {
    const Result<std::vector<uint8_t>> bytes = read_file(path);
    if (!bytes)
        return Error{bytes.error()};
    Result<ModelFile> model = parse_model(bytes->data(), bytes->size());
    if (!model)
        return Error{path + ": " + model.error()};
    return model;
}

Result<std::vector<uint8_t>> serialize_model(const ModelFile &model) {
    if (std::string error = model_error(model); !error.empty())
        return Error{error};
    Safetensors file;
    file.metadata = {{"format", kFormat},
                     {"format_version", std::to_string(kModelFileVersion)},
                     {"trained_widths", widths_text(model.trained_widths)},
                     {"license", model.license},
                     {"source", model.source},
                     {"notes", model.notes}};
    write_network(model.network, &file.metadata);
    file.tensors = model.tensors;
    put_ranges(model.q16, file);
    return serialize_safetensors(file);
}

std::string save_model(const std::string &path, const ModelFile &model) {
    const Result<std::vector<uint8_t>> bytes = serialize_model(model);
    return bytes ? write_file(path, *bytes) : bytes.error();
}

}  // namespace slimscale::weights
