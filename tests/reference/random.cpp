#include "tests/reference/random.h"

#include <cmath>

#include "networks/walkers.h"

namespace slimscale::reference {
namespace {

using networks::Graph;
using networks::Network;
using networks::Node;
using networks::Op;
using networks::Value;

// SplitMix64 (Steele et al., OOPSLA 2014): the same numbers with every standard library.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
    double centered(double rms) { return (2 * uniform() - 1) * rms * std::sqrt(3.0); }

private:
    uint64_t next() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    uint64_t state_;
};

Tensor random_tensor(Random &random, const std::vector<int> &shape, double rms) {
    Tensor result{shape, {}};
    size_t count = 1;
    for (int extent : shape)
        count *= static_cast<size_t>(extent);
    result.data.resize(count);
    for (float &value : result.data)
        value = static_cast<float>(random.centered(rms));
    return result;
}

void scale_tensor(Tensor &tensor, double factor) {
    for (float &value : tensor.data)
        value = static_cast<float>(value * factor);
}

// Tensors whose output has an RMS near the input's.
void fill(const networks::Conv &conv, double bias_rms, Random &random, Weights &weights) {
    const int group_inputs = conv.full_inputs / conv.full_groups, taps = conv.kernel * conv.kernel;
    const double weight_rms = 1 / std::sqrt(group_inputs * taps);
    const std::vector<int> shape{conv.full_outputs, group_inputs, conv.kernel, conv.kernel};
    weights[conv.name + ".weight"] = random_tensor(random, shape, weight_rms);
    weights[conv.name + ".bias"] = random_tensor(random, {conv.full_outputs}, bias_rms);
}

// Fills a convolution over one value per channel. Biases are positive, so that no ReLU sets a squeezed channel to 0 and
// leaves it untested.
void initialize_attention(const networks::Conv &conv, Random &random, Weights &weights) {
    fill(conv, 1, random, weights);
    for (float &bias : weights[conv.name + ".bias"].data)
        bias = std::abs(bias);
}

// Scales a convolution so that its output's RMS (of the last convolution, the deviation) becomes `target`.
void initialize(const Node &node, const Volume &x, bool last, double target, Random &random, Weights &weights) {
    constexpr double kBiasShare = 0.1;  // enough to show at the borders if padding gets a bias
    fill(node.conv, kBiasShare * rms(x), random, weights);
    const Volume y = evaluate_node(node, {&x}, weights);
    const double factor = target / (last ? standard_deviation(y) : rms(y));
    scale_tensor(weights[node.conv.name + ".weight"], factor);
    scale_tensor(weights[node.conv.name + ".bias"], factor);
}

}  // namespace

Volume random_image(int channels, int height, int width, uint64_t seed) {
    Random random(seed);
    Volume image(channels, height, width);
    for (double &value : image.data)
        value = random.uniform();
    return image;
}

Weights random_weights(const Network &network, uint64_t seed, int channels) {
    constexpr int kSize = 8;  // width and height of the image that deviations are measured on
    constexpr double kOutputDeviation = 50.0 / 255;
    const Graph graph = networks::build(network, channels > 0 ? channels : network.channels);

    Random random(seed);
    Weights weights;
    std::vector<Volume> values(graph.nodes.size());
    values[0] = normalized(network, random_image(network.colors, kSize, kSize, seed));
    for (Value v = 1; v < static_cast<Value>(graph.nodes.size()); v++) {
        const Node &node = graph.nodes[v];
        std::vector<const Volume *> inputs;
        inputs.reserve(node.inputs.size());
        for (Value i : node.inputs)
            inputs.push_back(&values[i]);
        constexpr double kSlopeRms = 0.4;  // slopes may be negative
        if (node.op == Op::prelu && weights.count(node.slope.name + ".slope") == 0)
            weights[node.slope.name + ".slope"] = random_tensor(random, {node.slope.full_channels}, kSlopeRms);
        if (node.op == Op::conv && weights.count(node.conv.name + ".weight") == 0) {
            const bool last = v == networks::last_conv(graph);
            if (node.frame)
                initialize(node, *inputs[0], last, last ? kOutputDeviation * network.range : 1, random, weights);
            else
                initialize_attention(node.conv, random, weights);
        }
        values[v] = evaluate_node(node, inputs, weights);
    }
    return weights;
}

}  // namespace slimscale::reference
