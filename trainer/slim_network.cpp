#include "trainer/slim_network.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "networks/walkers.h"
#include "trainer/prelu.h"

namespace slimscale::trainer {
namespace {

namespace F = torch::nn::functional;
using networks::Conv;
using networks::Node;
using networks::Op;
using torch::Tensor;

constexpr double kWhite = 255;
const std::string kWeight = ".weight", kBias = ".bias", kSlope = ".slope", kExpand = ".expand", kProject = ".project";
constexpr int64_t kMaxExpanded = 256;  // channels between expansion and projection

std::string scale_name(const Conv &conv, int channels) {
    return conv.name + ".scale." + std::to_string(channels);
}
std::string shift_name(const Conv &conv, int channels) {
    return conv.name + ".shift." + std::to_string(channels);
}

// The columns of a convolution's weight that its width reads.
Tensor active_inputs(const Tensor &weight, const Conv &conv) {
    const std::vector<Tensor> pieces = active_pieces(weight, conv);
    return pieces.size() == 1 ? pieces[0] : torch::cat(pieces, 1);
}

// A filter trained as weight + project * expand, multiplied out.
Tensor collapsed(const Tensor &weight, const Tensor &expand, const Tensor &project) {
    return weight + torch::matmul(project, expand.flatten(1)).view(weight.sizes());
}

// Parameters' names hold dots, which LibTorch's modules refuse.
std::string registered_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '/');
    return name;
}

}  // namespace

std::vector<Tensor> active_pieces(const Tensor &weight, const Conv &conv) {
    if (conv.groups > 1 || conv.full_groups > 1)  // a narrow width drops whole groups, and each reads all its inputs
        return {weight};
    std::vector<Tensor> pieces;
    for (size_t i = 0; i < conv.segment_offsets.size(); i++)
        pieces.push_back(weight.narrow(1, conv.segment_offsets[i], conv.segment_channels[i]));
    return pieces;
}

SlimNetworkImpl::SlimNetworkImpl(const networks::Network &network, const std::vector<int> &own_affine, int expansion)
    : network_(network), own_affine_(own_affine) {
    const auto add = [this](const std::string &name, Tensor tensor) {
        tensors_[name] = register_parameter(registered_name(name), std::move(tensor));
    };
    for (const networks::TensorShape &shape : networks::tensors(networks::build(network, network.channels)))
        add(shape.name, torch::zeros(std::vector<int64_t>(shape.shape.begin(), shape.shape.end())));
    if (expansion > 0)
        for (const Node &node : graph(network.channels).nodes) {
            const Conv &conv = node.conv;
            if (node.op != Op::conv || conv.kernel != 3 || conv.full_groups > 1 ||
                tensors_.count(conv.name + kExpand) > 0)
                continue;
            const int64_t expanded = std::min<int64_t>(int64_t{expansion} * conv.full_outputs, kMaxExpanded);
            add(conv.name + kExpand, torch::zeros({expanded, conv.full_inputs, conv.kernel, conv.kernel}));
            add(conv.name + kProject, torch::zeros({conv.full_outputs, expanded}));
        }
    for (const int channels : own_affine)
        for (const Node &node : graph(channels).nodes) {
            if (node.op != Op::conv || tensors_.count(scale_name(node.conv, channels)) > 0)
                continue;
            add(scale_name(node.conv, channels), torch::ones({node.conv.outputs}));
            add(shift_name(node.conv, channels), torch::zeros({node.conv.outputs}));
        }
}

const networks::Graph &SlimNetworkImpl::graph(int channels) {
    const auto found = graphs_.find(channels);
    return found != graphs_.end() ? found->second
                                  : graphs_.emplace(channels, networks::build(network_, channels)).first->second;
}

Tensor SlimNetworkImpl::mean_values(const Tensor &like) const {
    std::vector<double> mean(network_.mean.begin(), network_.mean.begin() + network_.colors);
    for (double &value : mean)
        value *= network_.range;
    return torch::tensor(mean, like.options()).view({1, network_.colors, 1, 1});
}

// The filter at the convolution's width.
Tensor SlimNetworkImpl::active_weight(const Conv &conv) const {
    const Tensor weight = active_inputs(tensors_.at(conv.name + kWeight).narrow(0, 0, conv.outputs), conv);
    const auto expand = tensors_.find(conv.name + kExpand);
    if (expand == tensors_.end())
        return weight;
    return collapsed(weight, active_inputs(expand->second, conv),
                     tensors_.at(conv.name + kProject).narrow(0, 0, conv.outputs));
}

Tensor SlimNetworkImpl::convolve(const Tensor &x, const Conv &conv, int channels, torch::ScalarType type) {
    Tensor weight = active_weight(conv);
    Tensor bias;
    if (std::find(own_affine_.begin(), own_affine_.end(), channels) != own_affine_.end()) {
        weight = weight * tensors_.at(scale_name(conv, channels)).view({-1, 1, 1, 1});
        bias = tensors_.at(shift_name(conv, channels));
    } else {
        bias = tensors_.at(conv.name + kBias).narrow(0, 0, conv.outputs);
    }
    const auto options = F::Conv2dFuncOptions().bias(bias.to(type)).padding(conv.kernel / 2).groups(conv.groups);
    return F::conv2d(x.to(type), weight.to(type), options);
}

Tensor SlimNetworkImpl::forward(const Tensor &images, int channels, Precision precision) {
    const networks::Graph &g = graph(channels);
    const Tensor mean = mean_values(images);
    const torch::ScalarType inner = precision == Precision::bf16 ? torch::kBFloat16 : torch::kFloat;
    const networks::Value last = networks::last_conv(g);
    const bool channels_last = images.device().is_cpu() || precision == Precision::bf16;

    std::vector<Tensor> values(g.nodes.size());
    values[0] = images * (network_.range / kWhite) - mean;
    if (channels_last)
        values[0] = values[0].contiguous(torch::MemoryFormat::ChannelsLast);
    for (size_t i = 1; i < g.nodes.size(); i++) {
        const Node &node = g.nodes[i];
        const auto in = [&](size_t k) -> const Tensor & { return values[node.inputs[k]]; };
        const bool outermost = node.inputs[0] == 0 || static_cast<networks::Value>(i) == last;
        switch (node.op) {
        case Op::input:
            break;
        case Op::conv: {
            values[i] = convolve(in(0), node.conv, channels, outermost ? torch::kFloat : inner);
            if (node.inputs[0] == 0)
                values[i] = values[i].to(inner);
            break;
        }
        case Op::relu:
            values[i] = torch::relu(in(0));
            break;
        case Op::prelu:
            values[i] = trainer::prelu(
                in(0), tensors_.at(node.slope.name + kSlope).narrow(0, 0, node.channels).to(in(0).dtype()));
            break;
        case Op::sigmoid:
            values[i] = torch::sigmoid(in(0));
            break;
        case Op::add:
            values[i] = in(0) + in(1);
            break;
        case Op::scale:
            values[i] = in(0) * node.factor;
            break;
        case Op::global_average_pool:
            values[i] = in(0).mean(torch::IntArrayRef{2, 3}, /*keepdim=*/true);
            break;
        case Op::mul:
            values[i] = in(0) * in(1);
            break;
        case Op::concat: {
            std::vector<Tensor> parts;
            for (const networks::Value input : node.inputs)
                parts.push_back(values[input]);
            values[i] = torch::cat(parts, 1);
            break;
        }
        case Op::shuffle:
            values[i] = torch::pixel_shuffle(in(0), node.shuffle);
            break;
        case Op::repeat:
            values[i] = in(0).repeat_interleave(node.shuffle, 2).repeat_interleave(node.shuffle, 3);
            break;
        }
    }
    return (values[g.output].to(torch::kFloat) + mean) * (kWhite / network_.range);
}

// ---- Start values ---------------------------------------------------------------------------------------------------

namespace {

// Gains of the last convolution of a residual branch and of all others (He et al. use 2 before a ReLU).
constexpr double kBranchGain = 0.02, kGain = 1;
// The gain of project * expand beside an identity, so that a dozen such layers keep their input's scale; PyTorch's
// slope of a new PReLU.
constexpr double kBesideIdentity = 0.1, kStartSlope = 0.25;

// Convolutions whose result is only added to something: the ends of residual branches.
std::set<std::string> branch_ends(const networks::Graph &graph) {
    std::map<networks::Value, std::vector<const Node *>> users;
    for (const Node &node : graph.nodes)
        for (const networks::Value input : node.inputs)
            users[input].push_back(&node);
    const auto only_user = [&](networks::Value v) { return users[v].size() == 1 ? users[v][0] : nullptr; };

    std::set<std::string> ends;
    for (size_t i = 0; i < graph.nodes.size(); i++) {
        if (graph.nodes[i].op != Op::conv)
            continue;
        const Node *user = only_user(static_cast<networks::Value>(i));
        if (user != nullptr && (user->op == Op::scale ||
                                user->op == Op::shuffle))  // a residual scale; the upsampling before an input skip
            user = only_user(static_cast<networks::Value>(user - graph.nodes.data()));
        if (user != nullptr && user->op == Op::add)
            ends.insert(graph.nodes[i].conv.name);
    }
    return ends;
}

// How many numbers an output of a filter is a sum of.
double fan_in(const Tensor &weight) {
    const int64_t inputs = weight.numel() / weight.size(0);
    return static_cast<double>(inputs);
}

// Start values of weight + project * expand: near the identity if the filter is square, else random.
void initialize_collapsible(const Tensor &weight, const Tensor &expand, const Tensor &project, double gain,
                            torch::Generator &generator) {
    const bool square = weight.size(0) == weight.size(1);
    weight.zero_();
    if (square)
        weight.select(3, 1).select(2, 1).diagonal().fill_(1);
    expand.normal_(0, 1 / std::sqrt(fan_in(expand)), generator);
    project.normal_(0, std::sqrt((square ? kBesideIdentity : gain) / static_cast<double>(project.size(1))), generator);
}

// Zeroes the weights by which inputs that only the wide network has feed outputs that the narrow one has too.
void zero_between(const Tensor &weight, const Conv &narrow, const Conv &wide) {
    if (wide.full_groups > 1)
        return;
    Tensor rows = weight.narrow(0, 0, narrow.outputs);
    for (size_t s = 0; s < narrow.segment_offsets.size(); s++) {
        const int from = narrow.segment_offsets[s] + narrow.segment_channels[s];
        const int to = wide.segment_offsets[s] + wide.segment_channels[s];
        if (to > from)
            rows.narrow(1, from, to - from).zero_();
    }
}

}  // namespace

void initialize(SlimNetworkImpl &network, Init style, const std::vector<int> &widths, uint64_t seed) {
    torch::NoGradGuard no_grad;
    torch::Generator generator = at::detail::createCPUGenerator(seed);
    const networks::Graph full = networks::build(network.network(), network.network().channels);
    const std::set<std::string> ends = branch_ends(full);
    std::set<std::string> drawn;
    for (const Node &node : full.nodes) {
        if (node.op == Op::prelu)
            Tensor(network.tensors().at(node.slope.name + kSlope)).fill_(kStartSlope);
        if (node.op != Op::conv || !drawn.insert(node.conv.name).second)
            continue;
        Tensor weight = network.tensors().at(node.conv.name + kWeight);
        const double gain = ends.count(node.conv.name) > 0 ? kBranchGain : kGain;
        if (const auto expand = network.tensors().find(node.conv.name + kExpand); expand != network.tensors().end()) {
            initialize_collapsible(weight, expand->second, network.tensors().at(node.conv.name + kProject), gain,
                                   generator);
            continue;
        }
        weight.normal_(0, std::sqrt(gain / fan_in(weight)), generator);
    }
    if (style != Init::nested)
        return;
    std::vector<networks::Graph> graphs;
    graphs.reserve(widths.size() + 1);
    for (const int width : widths)
        graphs.push_back(networks::build(network.network(), width));
    graphs.push_back(full);
    for (size_t g = 0; g + 1 < graphs.size(); g++)
        for (size_t i = 0; i < full.nodes.size(); i++)
            if (full.nodes[i].op == Op::conv)
                zero_between(network.tensors().at(full.nodes[i].conv.name + kWeight), graphs[g].nodes[i].conv,
                             graphs[g + 1].nodes[i].conv);
}

namespace {

// A convolution whose outputs a pixel shuffle spreads, directly or behind a ReLU, and the shuffle's factor.
struct Shuffled {
    std::string conv;
    int factor;
};

// In the order of the graph.
std::vector<Shuffled> shuffled_convolutions(const networks::Graph &graph) {
    std::vector<Shuffled> all;
    for (const Node &node : graph.nodes) {
        if (node.op != Op::shuffle)
            continue;
        const Node *source = &graph.nodes[node.inputs[0]];
        if (source->op == Op::relu)
            source = &graph.nodes[source->inputs[0]];
        if (source->op == Op::conv)
            all.push_back({source->conv.name, node.shuffle});
    }
    return all;
}

int shuffle_factor(const std::vector<Shuffled> &all, const std::string &conv) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Shuffled &one) { return one.conv == conv; });
    return found == all.end() ? 1 : found->factor;
}

// A stage of the up-sampler that the file has not, as x4's second beside x2's only one, starts as the one before it.
void repeat_stages(SlimNetworkImpl &network, const std::vector<Shuffled> &here, const std::vector<Shuffled> &there) {
    for (size_t i = 1; i < here.size(); i++) {
        if (here[i].factor != here[i - 1].factor || shuffle_factor(there, here[i].conv) != 1 ||
            shuffle_factor(there, here[i - 1].conv) != here[i].factor)
            continue;
        for (const std::string &kind : {kWeight, kBias})
            Tensor(network.tensors().at(here[i].conv + kind)).copy_(network.tensors().at(here[i - 1].conv + kind));
    }
}

}  // namespace

Status take_over(SlimNetworkImpl &network, const weights::ModelFile &file) {
    if (file.network.family != network.network().family || file.network.range != network.network().range)
        return Error{"it holds another kind of network than the one to train"};
    if (file.network.input_skip != network.network().input_skip)
        return Error{file.network.input_skip
                         ? "its network adds the input to the output: train with --input-skip"
                         : "its network does not add the input to the output: train with --no-input-skip"};
    torch::NoGradGuard no_grad;
    const auto here = shuffled_convolutions(networks::build(network.network(), network.network().channels));
    const auto there = shuffled_convolutions(networks::build(file.network, file.network.channels));
    int taken = 0;
    for (const auto &[name, tensor] : file.tensors) {
        const std::string of = name.substr(0, name.rfind('.'));
        if (shuffle_factor(here, of) != shuffle_factor(there, of))
            continue;  // output channels mean other pixels
        const auto found = network.tensors().find(name);
        if (found == network.tensors().end() || found->second.dim() != static_cast<int64_t>(tensor.shape.size()))
            continue;
        const Tensor values = torch::from_blob(const_cast<float *>(tensor.data.data()),
                                               std::vector<int64_t>(tensor.shape.begin(), tensor.shape.end()));
        Tensor from = values, to = found->second;
        for (int64_t d = 0; d < to.dim(); d++) {
            const int64_t size = std::min(from.size(d), to.size(d));
            from = from.narrow(d, 0, size);
            to = to.narrow(d, 0, size);
        }
        to.copy_(from);
        taken++;
        // The file's filter becomes `weight` alone, so project * expand becomes zero.
        if (name.size() > kWeight.size() && name.compare(name.size() - kWeight.size(), kWeight.size(), kWeight) == 0)
            if (const auto project = network.tensors().find(name.substr(0, name.size() - kWeight.size()) + kProject);
                project != network.tensors().end())
                Tensor(project->second).zero_();
    }
    repeat_stages(network, here, there);
    return taken > 0 ? Status() : Error{"none of its tensors fits the network to train"};
}

weights::ModelFile to_model_file(const SlimNetworkImpl &network, const std::vector<int> &trained_widths,
                                 const std::map<std::string, Tensor> &values) {
    weights::ModelFile file;
    file.network = network.network();
    file.trained_widths = trained_widths;
    const auto value = [&](const std::string &name) {
        const auto found = values.find(name);
        return (found != values.end() ? found->second : network.tensors().at(name))
            .detach()
            .to(torch::kCPU, torch::kFloat);
    };
    for (const networks::TensorShape &shape : networks::tensors(networks::build(file.network, file.network.channels))) {
        const std::string &name = shape.name;
        const std::string conv = name.substr(0, name.rfind('.'));
        Tensor tensor = value(name);
        if (name == conv + kWeight && network.tensors().count(conv + kExpand) > 0)
            tensor = collapsed(tensor, value(conv + kExpand), value(conv + kProject));
        tensor = tensor.contiguous();
        weights::Tensor &out = file.tensors[name];
        out.shape.assign(tensor.sizes().begin(), tensor.sizes().end());
        out.data.assign(tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel());
    }
    return file;
}

}  // namespace slimscale::trainer
