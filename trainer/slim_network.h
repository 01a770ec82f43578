// A network of networks/ as a LibTorch module: one set of parameters at width 1.0, run at any width by their leading
// slices. The graph says what is computed; nothing of an architecture is known here.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "networks/graph.h"
#include "networks/networks.h"
#include "trainer/config.h"
#include "weights/model_file.h"

namespace slimscale::trainer {

class SlimNetworkImpl : public torch::nn::Module {
public:
    // own_affine: the widths that get an output scale and bias per channel of their own in every convolution; the
    // shared biases then go unused at these widths. Preconditions: network_error and width_error of all are empty.
    explicit SlimNetworkImpl(const networks::Network &network, const std::vector<int> &own_affine = {});

    // images: (n, colors, y, x), 0..255; the result: (n, colors, scale*y, scale*x), same range, not clamped.
    // bf16: convolutions between the first and the last one, which stay f32 (8 bits of mantissa are too few for a pixel).
    torch::Tensor forward(const torch::Tensor &images, int channels, Precision precision = Precision::f32);

    const networks::Network &network() const { return network_; }

    // Parameters by the weights file's names ("body.0.conv1.weight"), those of own_affine as "<conv>.scale.<channels>"
    // and "<conv>.shift.<channels>".
    const std::map<std::string, torch::Tensor> &tensors() const { return tensors_; }

private:
    const networks::Graph &graph(int channels);
    torch::Tensor convolve(const torch::Tensor &x, const networks::Conv &conv, int channels, torch::ScalarType type);
    torch::Tensor mean_values(const torch::Tensor &like) const;

    networks::Network network_;
    std::map<int, networks::Graph> graphs_;  // by width
    std::map<std::string, torch::Tensor> tensors_;
    std::vector<int> own_affine_;
};
TORCH_MODULE(SlimNetwork);

// Draws all parameters: weights normal with standard deviation sqrt(gain / fan_in) at the width that first uses them,
// biases zero. The last convolution of every residual branch starts small, so that deep networks start near identity.
//
// nested, for `widths` in ascending order: of every convolution, the block from inputs beyond a width to the outputs
// within it starts at zero. Then each width computes, at first, what the narrowest does.
void initialize(SlimNetworkImpl &network, Init style, const std::vector<int> &widths, uint64_t seed);

// Takes over a trained file's tensors; a smaller one (fewer channels, another scale's body) fills the leading part of
// tensors of the same name. "" or a sentence: another family, or nothing that fits.
[[nodiscard]] std::string take_over(SlimNetworkImpl &network, const weights::ModelFile &file);

// All tensors as a trained file; `values` by name, such as averaged weights, stands in for the parameters.
weights::ModelFile to_model_file(const SlimNetworkImpl &network, const std::vector<int> &trained_widths,
                                 const std::map<std::string, torch::Tensor> &values);

}  // namespace slimscale::trainer
