#include "networks/reference/reference.h"

#include <algorithm>
#include <cmath>

namespace slimscale::reference {
namespace {

using networks::Conv;
using networks::Graph;
using networks::Network;
using networks::Node;
using networks::Op;
using networks::Value;

// The full-width input of each active input channel.
std::vector<int> full_input_channels(const Conv &conv) {
    std::vector<int> result;
    for (size_t s = 0; s < conv.segment_channels.size(); s++)
        for (int i = 0; i < conv.segment_channels[s]; i++)
            result.push_back(conv.segment_offsets[s] + i);
    return result;
}

Volume convolve(const Conv &conv, const Volume &x, const Weights &weights) {
    const Tensor &weight = tensor(weights, conv.name + ".weight"), &bias = tensor(weights, conv.name + ".bias");
    const std::vector<int> full_channel = full_input_channels(conv);
    const int full_group_inputs = conv.full_inputs / conv.full_groups;
    const int group_inputs = conv.inputs / conv.groups, group_outputs = conv.outputs / conv.groups;
    const int radius = conv.kernel / 2;

    Volume y(conv.outputs, x.height, x.width);
    for (int o = 0; o < conv.outputs; o++) {
        for (int row = 0; row < y.height; row++)
            for (int column = 0; column < y.width; column++)
                y.at(o, row, column) = bias.data[o];
        const int first_input = o / group_outputs * group_inputs;
        for (int i = first_input; i < first_input + group_inputs; i++) {
            const int in_group = full_channel[i] % full_group_inputs;
            for (int ky = 0; ky < conv.kernel; ky++)
                for (int kx = 0; kx < conv.kernel; kx++) {
                    const int tap = ((o * full_group_inputs + in_group) * conv.kernel + ky) * conv.kernel + kx;
                    accumulate(x, i, ky - radius, kx - radius, weight.data[tap], y, o);
                }
        }
    }
    return y;
}

template <typename Function>
Volume map(Volume x, Function function) {
    std::transform(x.data.begin(), x.data.end(), x.data.begin(), function);
    return x;
}

Volume add(Volume x, const Volume &y) {
    for (size_t i = 0; i < x.data.size(); i++)
        x.data[i] += y.data[i];
    return x;
}

Volume mean(const Volume &x) {
    Volume result(x.channels, 1, 1);
    for (int c = 0; c < x.channels; c++)
        for (int y = 0; y < x.height; y++)
            for (int column = 0; column < x.width; column++)
                result.data[c] += x.at(c, y, column) / (static_cast<double>(x.height) * x.width);
    return result;
}

Volume mul(Volume x, const Volume &factors) {
    for (size_t i = 0; i < x.data.size(); i++)
        x.data[i] *= factors.data[i / (static_cast<size_t>(x.height) * x.width)];
    return x;
}

Volume concat(const std::vector<const Volume *> &inputs) {
    Volume result(0, inputs[0]->height, inputs[0]->width);
    for (const Volume *input : inputs) {
        result.channels += input->channels;
        result.data.insert(result.data.end(), input->data.begin(), input->data.end());
    }
    return result;
}

Volume prelu(Volume x, const Tensor &slope) {
    for (int c = 0; c < x.channels; c++)
        for (int y = 0; y < x.height; y++)
            for (int column = 0; column < x.width; column++)
                if (double &value = x.at(c, y, column); value < 0)
                    value *= slope.data[c];
    return x;
}

Volume repeat(const Volume &x, int s) {
    Volume result(x.channels, x.height * s, x.width * s);
    for (int c = 0; c < result.channels; c++)
        for (int y = 0; y < result.height; y++)
            for (int column = 0; column < result.width; column++)
                result.at(c, y, column) = x.at(c, y / s, column / s);
    return result;
}

Volume shuffle(const Volume &x, int s) {
    Volume result(x.channels / (s * s), x.height * s, x.width * s);
    for (int c = 0; c < result.channels; c++)
        for (int y = 0; y < result.height; y++)
            for (int column = 0; column < result.width; column++)
                result.at(c, y, column) = x.at(c * s * s + y % s * s + column % s, y / s, column / s);
    return result;
}

std::vector<Value> last_readers(const Graph &graph) {
    std::vector<Value> last(graph.nodes.size(), 0);
    for (Value v = 0; v < static_cast<Value>(graph.nodes.size()); v++)
        for (Value input : graph.nodes[v].inputs)
            last[input] = v;
    return last;
}

}  // namespace

Volume evaluate_node(const Node &node, const std::vector<const Volume *> &inputs, const Weights &weights) {
    switch (node.op) {
    case Op::input:
        break;  // its value is given
    case Op::conv:
        return convolve(node.conv, *inputs[0], weights);
    case Op::relu:
        return map(*inputs[0], [](double x) { return std::max(0.0, x); });
    case Op::prelu:
        return prelu(*inputs[0], tensor(weights, node.slope.name + ".slope"));
    case Op::sigmoid:
        return map(*inputs[0], [](double x) { return 1 / (1 + std::exp(-x)); });
    case Op::add:
        return add(*inputs[0], *inputs[1]);
    case Op::scale:
        return map(*inputs[0], [&](double x) { return node.factor * x; });
    case Op::global_average_pool:
        return mean(*inputs[0]);
    case Op::mul:
        return mul(*inputs[0], *inputs[1]);
    case Op::concat:
        return concat(inputs);
    case Op::shuffle:
        return shuffle(*inputs[0], node.shuffle);
    case Op::repeat:
        return repeat(*inputs[0], node.shuffle);
    }
    return {};
}

Volume evaluate(const Graph &graph, const Weights &weights, const Volume &input) {
    const std::vector<Value> last_reader = last_readers(graph);
    std::vector<Volume> values(graph.nodes.size());
    values[0] = input;
    for (Value v = 1; v < static_cast<Value>(graph.nodes.size()); v++) {
        std::vector<const Volume *> inputs;
        for (Value i : graph.nodes[v].inputs)
            inputs.push_back(&values[i]);
        values[v] = evaluate_node(graph.nodes[v], inputs, weights);
        for (Value i : graph.nodes[v].inputs)
            if (last_reader[i] == v && i != graph.output)
                values[i] = {};  // else deep networks on larger frames would take too much memory
    }
    return values[graph.output];
}

Volume normalized(const Network &network, Volume image) {
    for (int c = 0; c < image.channels; c++)
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width; x++)
                image.at(c, y, x) = (image.at(c, y, x) - network.mean[c]) * network.range;
    return image;
}

Volume denormalized(const Network &network, Volume values) {
    for (int c = 0; c < values.channels; c++)
        for (int y = 0; y < values.height; y++)
            for (int x = 0; x < values.width; x++)
                values.at(c, y, x) = values.at(c, y, x) / network.range + network.mean[c];
    return values;
}

Volume upscale(const Network &network, int channels, const Weights &weights, const Volume &image) {
    const Graph graph = networks::build(network, channels);
    return denormalized(network, evaluate(graph, weights, normalized(network, image)));
}

}  // namespace slimscale::reference
