#include "networks/walkers.h"

#include <algorithm>
#include <set>

namespace slimscale::networks {
namespace {

// The convolutions that own their tensors: of those that share a name, the first.
std::vector<const Conv *> distinct_convs(const Graph &graph) {
    std::vector<const Conv *> result;
    std::set<std::string> seen;
    for (const Node &node : graph.nodes)
        if (node.op == Op::conv && seen.insert(node.conv.name).second)
            result.push_back(&node.conv);
    return result;
}

int64_t active_weights(const Conv &conv) {
    return int64_t{conv.outputs} * (conv.inputs / conv.groups) * conv.kernel * conv.kernel;
}

// How many pixels beyond the requested area a node reads of its input, in the input's pixels, if `need` pixels beyond
// that area are wanted of the node itself.
int input_need(const Node &node, int need) {
    if (node.op == Op::conv)
        return need + node.conv.kernel / 2;
    if (node.op == Op::shuffle || node.op == Op::repeat)
        return (need + node.shuffle - 1) / node.shuffle;
    return node.frame ? need : 0;
}

}  // namespace

std::vector<TensorShape> tensors(const Graph &graph) {
    std::vector<TensorShape> result;
    std::set<std::string> seen;
    for (const Node &node : graph.nodes) {
        const Conv &conv = node.conv;
        if (node.op == Op::conv && seen.insert(conv.name).second) {
            result.push_back({conv.name + ".weight",
                              {conv.full_outputs, conv.full_inputs / conv.full_groups, conv.kernel, conv.kernel}});
            result.push_back({conv.name + ".bias", {conv.full_outputs}});
        }
        if (node.op == Op::prelu && seen.insert(node.slope.name + ".slope").second)
            result.push_back({node.slope.name + ".slope", {node.slope.full_channels}});
    }
    return result;
}

int64_t parameters(const Graph &graph) {
    int64_t count = 0;
    for (const Conv *conv : distinct_convs(graph))
        count += active_weights(*conv) + conv->outputs;
    std::set<std::string> slopes;
    for (const Node &node : graph.nodes)
        if (node.op == Op::prelu && slopes.insert(node.slope.name).second)
            count += node.channels;
    return count;
}

int64_t macs_per_pixel(const Graph &graph) {
    int64_t count = 0;
    for (const Node &node : graph.nodes)
        if (node.op == Op::conv && node.frame)
            count += active_weights(node.conv) * node.scale * node.scale;
    return count;
}

int halo_px(const Graph &graph) {
    std::vector<int> need(graph.nodes.size(), 0);
    for (size_t i = graph.nodes.size(); i-- > 0;)
        for (Value input : graph.nodes[i].inputs)
            need[input] = std::max(need[input], input_need(graph.nodes[i], need[i]));
    return need[0];
}

bool is_image(const Graph &graph, Value v) {
    const Node &node = graph.nodes[v];
    return v == 0 || (node.op == Op::repeat && node.inputs[0] == 0);
}

Value last_conv(const Graph &graph) {
    Value v = graph.output;
    if (graph.nodes[v].op == Op::add && is_image(graph, graph.nodes[v].inputs[1]))
        v = graph.nodes[v].inputs[0];
    if (graph.nodes[v].op == Op::shuffle)
        v = graph.nodes[v].inputs[0];
    return graph.nodes[v].op == Op::conv ? v : graph.output;
}

bool needs_whole_frame(const Graph &graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                       [](const Node &node) { return node.op == Op::global_average_pool; });
}

}  // namespace slimscale::networks
