#include "trainer/contrast/backbone.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/status.h"
#include "base/text.h"
#include "weights/safetensors.h"

namespace slimscale::trainer {
namespace {

using torch::Tensor;
using Tensors = std::map<std::string, weights::Tensor>;

constexpr double kWhite = 255;
// Mean and standard deviation of ImageNet's training images, RGB, by which torchvision's models take inputs.
constexpr double kMean[] = {0.485, 0.456, 0.406}, kDeviation[] = {0.229, 0.224, 0.225};

const std::string kWeight = ".weight", kBias = ".bias";

struct Layout {
    std::string kind;
    bool reflects, normalizes;
    std::string stem;
    std::vector<std::vector<std::string>> blocks;
};

// Names of layers by torchvision's numbers, which count ReLUs and pools too.
std::vector<std::string> features(const std::vector<int> &numbers) {
    std::vector<std::string> names;
    names.reserve(numbers.size());
    for (const int number : numbers)
        names.push_back("features." + std::to_string(number));
    return names;
}

// Simonyan and Zisserman, arXiv 1409.1556, configuration E, up to relu5_1.
const Layout kVgg19 = {
    "VGG19",
    false,
    true,
    "",
    {features({0, 2}), features({5, 7}), features({10, 12, 14, 16}), features({19, 21, 23, 25}), features({28})},
};

// Configuration D of the same paper, up to relu5_1.
const Layout kVgg16 = {
    "VGG16",
    false,
    true,
    "",
    {features({0, 2}), features({5, 7}), features({10, 12, 14}), features({17, 19, 21}), features({24})},
};

// Wang et al., Collaborative Distillation, arXiv 2003.08436: VGG19 at a sixteenth of the size. Its conv0 brings RGB in
// 0..1 into the range that it was trained on.
const Layout kPruned = {
    "pruned VGG19",
    true,
    false,
    "conv0",
    {{"conv11", "conv12"},
     {"conv21", "conv22"},
     {"conv31", "conv32", "conv33", "conv34"},
     {"conv41", "conv42", "conv43", "conv44"},
     {"conv51"}},
};

bool has(const Tensors &tensors, const std::string &name) {
    return tensors.count(name + kWeight) > 0;
}

// Null if the tensors are of no known network. VGG16 and VGG19 have the same layers up to features.14.
const Layout *layout_of(const Tensors &tensors) {
    if (has(tensors, kPruned.stem))
        return &kPruned;
    if (!has(tensors, "features.0"))
        return nullptr;
    return has(tensors, "features.17") ? &kVgg16 : &kVgg19;
}

// The part of a layout that the first `slices` slices need: the last one ends at the first convolution of its block.
Layout cut(Layout layout, int slices) {
    layout.blocks.resize(static_cast<size_t>(slices));
    layout.blocks.back().resize(1);
    return layout;
}

std::vector<std::string> convolutions(const Layout &layout) {
    std::vector<std::string> names;
    if (!layout.stem.empty())
        names.push_back(layout.stem);
    for (const std::vector<std::string> &block : layout.blocks)
        names.insert(names.end(), block.begin(), block.end());
    return names;
}

std::string missing_tensors(const Layout &layout, const Tensors &tensors) {
    std::string list;
    for (const std::string &conv : convolutions(layout))
        for (const std::string &part : {kWeight, kBias})
            if (tensors.count(conv + part) == 0)
                list += (list.empty() ? "" : ", ") + conv + part;
    return list;
}

Status check_shape(const std::string &name, const weights::Tensor &tensor, const std::vector<uint64_t> &shape) {
    if (tensor.shape != shape)
        return Error{"tensor " + base::in_quotes(name) + " has shape " + weights::shape_text(tensor.shape) + " where " +
                     weights::shape_text(shape) + " is expected"};
    if (!std::all_of(tensor.data.begin(), tensor.data.end(), [](float value) { return std::isfinite(value); }))
        return Error{"tensor " + base::in_quotes(name) + " holds a value that is infinite or no number"};
    return Status();
}

// Checks that each convolution takes as many channels as the one before gives. The file chooses how many.
Status check_shapes(const Layout &layout, const Tensors &tensors) {
    constexpr uint64_t kColors = 3, kRank = 4;
    uint64_t inputs = kColors;
    for (const std::string &conv : convolutions(layout)) {
        const weights::Tensor &weight = tensors.at(conv + kWeight);
        const uint64_t outputs = weight.shape.size() == kRank ? weight.shape[0] : 1;
        const uint64_t kernel = conv == layout.stem ? 1 : 3;
        SLIMSCALE_RETURN_IF_ERROR(check_shape(conv + kWeight, weight, {outputs, inputs, kernel, kernel}));
        SLIMSCALE_RETURN_IF_ERROR(check_shape(conv + kBias, tensors.at(conv + kBias), {outputs}));
        inputs = outputs;
    }
    return Status();
}

Status check_layout(const Layout *layout, const Tensors &tensors, int slices) {
    if (layout == nullptr)
        return Error{"it is neither VGG19 or VGG16 (features.0.weight, ...) nor a pruned VGG19 (conv0.weight, ...)"};
    if (has(tensors, "features.1"))
        return Error{"it has batch normalization; take the VGG without it"};
    const Layout needed = cut(*layout, slices);
    if (const std::string missing = missing_tensors(needed, tensors); !missing.empty())
        return Error{"as " + layout->kind + " up to relu" + std::to_string(slices) + "_1 it lacks " + missing};
    return check_shapes(needed, tensors);
}

std::string how_to_get_one(const std::string &path) {
    return path +
           ": there is no such file, and nothing is downloaded. torchvision publishes VGG19 and VGG16 trained on "
           "ImageNet: m = torchvision.models.vgg19(weights='IMAGENET1K_V1'); safetensors.torch.save_file({k: v for k, "
           "v in m.state_dict().items() if k.startswith('features.')}, 'vgg19.safetensors')";
}

Tensor to_torch(const weights::Tensor &tensor, torch::Device device) {
    const std::vector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
    return torch::from_blob(const_cast<float *>(tensor.data.data()), shape).clone().to(device);
}

Backbone::Convolution convolution(const Tensors &tensors, const std::string &name, torch::Device device) {
    const Tensor weight = to_torch(tensors.at(name + kWeight), device);
    return {device.is_cpu() ? weight.contiguous(torch::MemoryFormat::ChannelsLast) : weight,
            to_torch(tensors.at(name + kBias), device)};
}

}  // namespace

Result<Backbone> Backbone::load(const std::string &path, torch::Device device, int slices) {
    std::error_code code;
    if (!std::filesystem::exists(path, code))
        return Error{how_to_get_one(path)};
    SLIMSCALE_ASSIGN_OR_RETURN(const weights::Safetensors file, weights::load_safetensors(path));
    const Layout *layout = layout_of(file.tensors);
    SLIMSCALE_RETURN_IF_ERROR(check_layout(layout, file.tensors, slices), path + ": ");

    Backbone backbone;
    backbone.kind_ = layout->kind;
    backbone.reflects_ = layout->reflects;
    backbone.normalizes_ = layout->normalizes;
    if (!layout->stem.empty())
        backbone.stem_.push_back(convolution(file.tensors, layout->stem, device));
    for (const std::vector<std::string> &block : cut(*layout, slices).blocks) {
        backbone.blocks_.emplace_back();
        for (const std::string &conv : block)
            backbone.blocks_.back().push_back(convolution(file.tensors, conv, device));
    }
    return backbone;
}

std::vector<Tensor> Backbone::features(const Tensor &images, FeatureRange range) const {
    std::vector<Tensor> slices;
    Tensor x = scaled(images, range);
    if (images.device().is_cpu())
        x = x.contiguous(torch::MemoryFormat::ChannelsLast);
    for (const Convolution &conv : stem_)
        x = convolve(x, conv);
    for (const std::vector<Convolution> &block : blocks_) {
        if (!slices.empty())
            x = torch::max_pool2d(x, /*kernel_size=*/2);
        for (const Convolution &conv : block) {
            x = torch::relu(convolve(x, conv));
            if (&conv == &block.front())
                slices.push_back(x);
        }
    }
    return slices;
}

std::vector<Tensor> Backbone::parameters() const {
    std::vector<Tensor> all;
    const auto add = [&all](const std::vector<Convolution> &convs) {
        for (const Convolution &conv : convs)
            all.insert(all.end(), {conv.weight, conv.bias});
    };
    add(stem_);
    for (const std::vector<Convolution> &block : blocks_)
        add(block);
    return all;
}

Tensor Backbone::scaled(const Tensor &images, FeatureRange range) const {
    if (range == FeatureRange::bytes)
        return images;
    const Tensor unit = images / kWhite;
    if (range == FeatureRange::unit || !normalizes_)
        return unit;
    const auto per_color = [&images](const double (&values)[3]) {
        return torch::tensor(std::vector<double>(values, values + 3), images.options()).view({1, 3, 1, 1});
    };
    return (unit - per_color(kMean)) / per_color(kDeviation);
}

Tensor Backbone::convolve(const Tensor &x, const Convolution &conv) const {
    namespace F = torch::nn::functional;
    const Tensor weight = conv.weight.to(x.scalar_type());
    const int64_t around = weight.size(2) / 2;
    const bool reflects = reflects_ && around > 0;
    const Tensor padded = reflects ? torch::reflection_pad2d(x, {around, around, around, around}) : x;
    return F::conv2d(padded, weight,
                     F::Conv2dFuncOptions().bias(conv.bias.to(x.scalar_type())).padding(reflects ? 0 : around));
}

}  // namespace slimscale::trainer
