#include "networks/builder.h"

#include <utility>

namespace slimscale::networks {

Builder::Builder(int colors, Slicing slicing) : slicing_(slicing) {
    Node image{};
    image.op = Op::input;
    image.channels = colors;
    append(image, colors);
}

Value Builder::append(Node node, int full_channels) {
    graph_.nodes.push_back(std::move(node));
    full_channels_.push_back(full_channels);
    return static_cast<Value>(graph_.nodes.size()) - 1;
}

Value Builder::like(Value x, Op op, std::vector<Value> inputs) {
    Node node{};
    node.op = op;
    node.inputs = std::move(inputs);
    node.channels = graph_.nodes[x].channels;
    node.scale = graph_.nodes[x].scale;
    node.frame = graph_.nodes[x].frame;
    return append(std::move(node), full_channels_[x]);
}

Value Builder::conv(Value x, const std::string &name, Width outputs, int kernel, Width groups) {
    const Node source = graph_.nodes[x];
    Node node{};
    node.op = Op::conv;
    node.inputs = {x};
    node.channels = outputs.active;
    node.scale = source.scale;
    node.frame = source.frame;

    Conv &conv = node.conv;
    conv.name = name;
    conv.kernel = kernel;
    conv.groups = groups.active;
    conv.full_groups = groups.full;
    conv.inputs = source.channels;
    conv.full_inputs = full_channels_[x];
    conv.outputs = outputs.active;
    conv.full_outputs = outputs.full;

    const std::vector<Value> segments = source.op == Op::concat ? source.inputs : std::vector<Value>{x};
    conv.segment_offsets.clear();
    int offset = 0;
    for (Value segment : segments) {
        conv.segment_offsets.push_back(offset);
        conv.segment_channels.push_back(graph_.nodes[segment].channels);
        offset += slicing_ == Slicing::per_segment ? full_channels_[segment] : graph_.nodes[segment].channels;
    }
    return append(std::move(node), outputs.full);
}

Value Builder::relu(Value x) {
    return like(x, Op::relu, {x});
}
Value Builder::prelu(Value x, const std::string &name) {
    const Value result = like(x, Op::prelu, {x});
    graph_.nodes[result].slope = {name, full_channels_[x]};
    return result;
}
Value Builder::sigmoid(Value x) {
    return like(x, Op::sigmoid, {x});
}
Value Builder::add(Value x, Value y) {
    return like(x, Op::add, {x, y});
}
Value Builder::mul(Value x, Value factors) {
    return like(x, Op::mul, {x, factors});
}

Value Builder::scale(Value x, double factor) {
    if (factor == 1)
        return x;
    const Value result = like(x, Op::scale, {x});
    graph_.nodes[result].factor = factor;
    return result;
}

Value Builder::global_average_pool(Value x) {
    const Value result = like(x, Op::global_average_pool, {x});
    graph_.nodes[result].frame = false;
    return result;
}

Value Builder::concat(const std::vector<Value> &values) {
    const Value result = like(values[0], Op::concat, values);
    for (size_t i = 1; i < values.size(); i++) {
        graph_.nodes[result].channels += graph_.nodes[values[i]].channels;
        full_channels_[result] += full_channels_[values[i]];
    }
    return result;
}

Value Builder::shuffle(Value x, int factor) {
    if (factor == 1)
        return x;
    const Value result = like(x, Op::shuffle, {x});
    Node &node = graph_.nodes[result];
    node.shuffle = factor;
    node.channels /= factor * factor;
    node.scale *= factor;
    full_channels_[result] /= factor * factor;
    return result;
}

Value Builder::repeat(Value x, int factor) {
    if (factor == 1)
        return x;
    const Value result = like(x, Op::repeat, {x});
    graph_.nodes[result].shuffle = factor;
    graph_.nodes[result].scale *= factor;
    return result;
}

Graph Builder::finish(Value output) {
    graph_.output = output;
    return std::move(graph_);
}

}  // namespace slimscale::networks
