#include "tests/golden/golden_files.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "weights/metadata.h"
#include "weights/model_file.h"
#include "weights/reference_weights.h"

namespace slimscale::golden {
namespace {

const std::string kFolder = SLIMSCALE_GOLDEN_DATA;
const std::string kModel = ".safetensors", kGolden = ".golden.safetensors";

template <typename T>
T value_or_throw(Result<T> result) {
    if (!result)
        throw std::runtime_error(result.error());
    return std::move(*result);
}

reference::Volume to_volume(const weights::Tensor &tensor) {
    const auto extent = [&](size_t dimension) { return static_cast<int>(tensor.shape.at(dimension)); };
    reference::Volume volume(extent(0), extent(1), extent(2));
    volume.data.assign(tensor.data.begin(), tensor.data.end());
    return volume;
}

// "output.13x9.16.leading" -> {"output", "13x9", "16", "leading"}
std::vector<std::string> split_name(const std::string &name) {
    std::vector<std::string> parts{""};
    for (const char c : name)
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

std::vector<Sample> samples(const weights::Safetensors &file) {
    std::vector<Sample> result;
    for (const auto &[name, tensor] : file.tensors) {
        const std::vector<std::string> parts = split_name(name);
        if (parts[0] != "output")
            continue;
        const weights::Tensor &input = file.tensors.at("input." + parts.at(1));
        const networks::Slicing slicing = value_or_throw(weights::parse_slicing(parts.at(3)));
        result.push_back({name, std::stoi(parts.at(2)), slicing, to_volume(input), to_volume(tensor)});
    }
    return result;
}

}  // namespace

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(kFolder)) {
        const std::string file = entry.path().filename().string();
        const size_t length = file.size() - std::min(file.size(), kGolden.size());
        if (file.substr(length) == kGolden)
            names.push_back(file.substr(0, length));
    }
    std::sort(names.begin(), names.end());
    return names;
}

Case load_case(const std::string &name) {
    const std::string path = kFolder + name + kModel;
    const weights::ModelFile model = value_or_throw(weights::load_model(path));
    Case loaded{path, model.network, {}, samples(value_or_throw(weights::load_safetensors(kFolder + name + kGolden)))};
    for (const auto &[tensor_name, tensor] : model.tensors)
        loaded.weights[tensor_name] = weights::reference_tensor(tensor);
    return loaded;
}

}  // namespace slimscale::golden
