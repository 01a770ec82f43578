// The pretrained network in whose feature space the contrast is measured: VGG19, VGG16 or a pruned VGG19, up to
// relu5_1. It is frozen: its own parameters have no gradients, but gradients pass through it to the images.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "trainer/config.h"

namespace slimscale::trainer {

constexpr int kFeatureSlices = 5;  // which end at relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1

class Backbone {
public:
    // Loads a safetensors file. The tensors' names tell which network it is, their shapes its channels. With fewer than
    // five slices the later tensors may be missing. Nothing is downloaded: the error for a missing file says where to
    // find one.
    static Result<Backbone> load(const std::string &path, torch::Device device, int slices = kFeatureSlices);

    // images: (n, 3, y, x), 0..255, float or double, with sides of at least 32. The arithmetic has their type. Slice i
    // of the result, from 0, is (n, channels, y / 2^i, x / 2^i).
    std::vector<torch::Tensor> features(const torch::Tensor &images, FeatureRange range) const;

    const std::string &kind() const { return kind_; }  // "VGG19"
    std::vector<torch::Tensor> parameters() const;

    struct Convolution {
        torch::Tensor weight, bias;
    };

private:
    torch::Tensor scaled(const torch::Tensor &images, FeatureRange range) const;
    torch::Tensor convolve(const torch::Tensor &x, const Convolution &conv) const;

    std::string kind_;
    bool reflects_ = false;          // true: convolutions pad by reflection; false: with zeros
    bool normalizes_ = false;        // true: trained on (x - mean) / std; false: on 0..1
    std::vector<Convolution> stem_;  // none or one convolution, before the first block
    std::vector<std::vector<Convolution>>
        blocks_;  // pools lie between them; the first convolution of each ends a slice
};

}  // namespace slimscale::trainer
