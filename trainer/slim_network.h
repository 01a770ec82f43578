// A network of networks/ as a LibTorch module: one set of parameters at width 1.0, of which each width runs the leading
// slices. The graph alone says what is computed; this file knows no architecture.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/graph.h"
#include "networks/networks.h"
#include "trainer/config.h"
#include "weights/model_file.h"

namespace slimscale::trainer {

class SlimNetworkImpl : public torch::nn::Module {
public:
    // own_affine: the widths that have their own output scale and bias per channel in every convolution, in place of
    // the shared biases. expansion: 0, or a factor by which every dense 3x3 convolution is trained collapsibly
    // (Bhardwaj et al., SESR, arXiv 2103.09404): its filter is weight + project * expand, where expand (E, in, 3, 3)
    // makes E = min(expansion * out, 256) channels and project (out, E) brings them back to `out`. The product is
    // formed before the convolution. Narrower widths read the leading outputs of project and the leading inputs of
    // expand, so theirs is the leading part of the plain filter. Preconditions: check_network succeeds, and check_width
    // for every width.
    explicit SlimNetworkImpl(const networks::Network &network, const std::vector<int> &own_affine = {},
                             int expansion = 0);

    // images: (n, colors, y, x), 0..255; the result: (n, colors, scale*y, scale*x), same range, not clamped. bf16
    // applies to the convolutions between the first and the last one; those two stay f32, since 8 bits of mantissa are
    // too few for a pixel.
    torch::Tensor forward(const torch::Tensor &images, int channels, Precision precision = Precision::f32);

    const networks::Network &network() const { return network_; }

    // Parameters by the weights file's names ("body.0.conv1.weight"), those of own_affine as "<conv>.scale.<channels>"
    // and "<conv>.shift.<channels>", those of expansion as "<conv>.expand" and "<conv>.project".
    const std::map<std::string, torch::Tensor> &tensors() const { return tensors_; }

    // Views of everything that the network reads at this width, without own_affine's parameters: the leading part of
    // every parameter, in several pieces where a concatenation is read. `of` maps a parameter's name to the tensor to
    // view, such as the parameter or its gradient.
    template <typename Function>
    std::vector<torch::Tensor> leading_parts(int channels, Function of);

private:
    const networks::Graph &graph(int channels);
    torch::Tensor convolve(const torch::Tensor &x, const networks::Conv &conv, int channels, torch::ScalarType type);
    torch::Tensor active_weight(const networks::Conv &conv) const;
    torch::Tensor mean_values(const torch::Tensor &like) const;

    networks::Network network_;
    std::map<int, networks::Graph> graphs_;  // by width
    std::map<std::string, torch::Tensor> tensors_;
    std::vector<int> own_affine_;
};
TORCH_MODULE(SlimNetwork);

// The pieces of a convolution's weight (or of its expansion) that its width reads.
std::vector<torch::Tensor> active_pieces(const torch::Tensor &weight, const networks::Conv &conv);

template <typename Function>
std::vector<torch::Tensor> SlimNetworkImpl::leading_parts(int channels, Function of) {
    std::vector<torch::Tensor> parts;
    const auto leading = [&](const std::string &name, int64_t count) { parts.push_back(of(name).narrow(0, 0, count)); };
    for (const networks::Node &node : graph(channels).nodes) {
        if (node.op == networks::Op::prelu)
            leading(node.slope.name + ".slope", node.channels);
        if (node.op != networks::Op::conv)
            continue;
        const networks::Conv &conv = node.conv;
        leading(conv.name + ".bias", conv.outputs);
        for (torch::Tensor &piece : active_pieces(of(conv.name + ".weight").narrow(0, 0, conv.outputs), conv))
            parts.push_back(piece);
        if (tensors_.count(conv.name + ".expand") == 0)
            continue;
        leading(conv.name + ".project", conv.outputs);
        for (torch::Tensor &piece : active_pieces(of(conv.name + ".expand"), conv))
            parts.push_back(piece);
    }
    return parts;
}

// Draws all parameters: weights normal with standard deviation sqrt(gain / fan_in) at the width that first uses them,
// biases zero, slopes of PReLU 0.25. Collapsible convolutions with as many outputs as inputs start near the identity.
// The last convolution of every residual branch starts small, so that deep networks start near the identity.
//
// Init::nested, for `widths` in ascending order: the weights of every convolution from inputs beyond a width to outputs
// within it start at zero, so that at first each width computes what the narrowest does.
void initialize(SlimNetworkImpl &network, Init style, const std::vector<int> &widths, uint64_t seed);

// Takes over a trained file's tensors. A smaller network (fewer channels, another scale's body) fills the leading part
// of the tensors of the same name, and collapsible convolutions then compute what the file's do. A convolution in front
// of a pixel shuffle is taken over from one with the same factor alone; x4's second one starts as the first. The errors
// are another family, an input that one network adds and the other does not, and a file of which nothing fits.
Status take_over(SlimNetworkImpl &network, const weights::ModelFile &file);

// All tensors as a trained file, with collapsible filters multiplied out. `values`, by name, such as averaged weights,
// replace the parameters.
weights::ModelFile to_model_file(const SlimNetworkImpl &network, const std::vector<int> &trained_widths,
                                 const std::map<std::string, torch::Tensor> &values);

}  // namespace slimscale::trainer
