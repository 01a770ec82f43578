// Trained files as graphs at a channel count, with tensors cut to it; conversion of other programs' checkpoints.
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <memory>
#include <optional>

#include "binding/binding.h"
#include "binding/errors.h"
#include "networks/networks.h"
#include "weights/import.h"
#include "weights/metadata.h"
#include "weights/model_file.h"
#include "weights/torch_file.h"

namespace nb = nanobind;

namespace slimscale::python {
namespace {

using networks::Conv;
using networks::Graph;
using networks::Node;
using networks::Op;
using weights::Tensor;

nb::object array_of(std::vector<float> values, const std::vector<size_t> &shape) {
    auto owned = std::make_unique<std::vector<float>>(std::move(values));
    float *data = owned->data();
    nb::capsule owner(owned.release(), [](void *memory) noexcept { delete static_cast<std::vector<float> *>(memory); });
    return nb::cast(nb::ndarray<nb::numpy, float>(data, shape.size(), shape.data(), owner));
}

// The weight (out, in/groups, k, k) at the active width: the leading output channels, and the leading inputs of every
// concatenated segment. If there are groups, whole groups drop out.
nb::object active_weight(const Conv &conv, const Tensor &full) {
    const int full_group_inputs = conv.full_inputs / conv.full_groups, group_inputs = conv.inputs / conv.groups;
    std::vector<int> from;
    for (size_t s = 0; s < conv.segment_channels.size(); s++)
        for (int i = 0; i < conv.segment_channels[s]; i++)
            from.push_back((conv.segment_offsets[s] + i) % full_group_inputs);
    const size_t taps = static_cast<size_t>(conv.kernel) * static_cast<size_t>(conv.kernel);
    const int group_outputs = conv.outputs / conv.groups;
    std::vector<float> active;
    active.reserve(static_cast<size_t>(conv.outputs) * static_cast<size_t>(group_inputs) * taps);
    for (int o = 0; o < conv.outputs; o++)
        for (int i = 0; i < group_inputs; i++) {
            const int at_input = o / group_outputs * group_inputs + i, input = from[static_cast<size_t>(at_input)];
            const auto at =
                full.data.begin() + static_cast<ptrdiff_t>((static_cast<size_t>(o) * full_group_inputs + input) * taps);
            active.insert(active.end(), at, at + static_cast<ptrdiff_t>(taps));
        }
    const size_t k = static_cast<size_t>(conv.kernel);
    return array_of(std::move(active), {static_cast<size_t>(conv.outputs), static_cast<size_t>(group_inputs), k, k});
}

nb::object leading(const Tensor &full, int count) {
    return array_of({full.data.begin(), full.data.begin() + count}, {static_cast<size_t>(count)});
}

nb::dict dict_of(const Node &node, const std::map<std::string, Tensor> &tensors) {
    nb::dict fields;
    fields["op"] = name_of(node.op);
    fields["inputs"] = node.inputs;
    fields["channels"] = node.channels;
    if (node.op == Op::scale)
        fields["factor"] = node.factor;
    if (node.op == Op::shuffle || node.op == Op::repeat)
        fields["times"] = node.shuffle;
    if (node.op == Op::prelu) {
        fields["name"] = node.slope.name;
        fields["slope"] = leading(tensors.at(node.slope.name + ".slope"), node.channels);
    }
    if (node.op == Op::conv) {
        fields["name"] = node.conv.name;
        fields["kernel"] = node.conv.kernel;
        fields["groups"] = node.conv.groups;
        fields["weight"] = active_weight(node.conv, tensors.at(node.conv.name + ".weight"));
        fields["bias"] = leading(tensors.at(node.conv.name + ".bias"), node.conv.outputs);
    }
    return fields;
}

nb::dict dict_of(const weights::ModelFile &model) {
    weights::Metadata metadata;
    weights::write_network(model.network, &metadata);
    nb::dict fields;
    fields["metadata"] = metadata;
    fields["name"] = model.network.name;
    fields["scale"] = model.network.scale;
    fields["colors"] = model.network.colors;
    fields["max_channels"] = model.network.channels;
    fields["range"] = model.network.range;
    fields["mean"] = model.network.mean;
    fields["trained"] = model.trained_widths;
    fields["license"] = model.license;
    fields["source"] = model.source;
    fields["notes"] = model.notes;
    return fields;
}

weights::ModelFile load(const std::string &path) {
    base::Result<weights::ModelFile> model = weights::load_model(path);
    return value_of(std::move(model));
}

nb::dict network_graph(const std::string &path, int channels) {
    const weights::ModelFile model = load(path);
    check(networks::check_width(model.network, channels));
    const Graph graph = networks::build(model.network, channels);
    nb::dict fields = dict_of(model);
    nb::list nodes;
    for (const Node &node : graph.nodes)
        nodes.append(dict_of(node, model.tensors));
    fields["nodes"] = nodes;
    fields["output"] = graph.output;
    return fields;
}

nb::dict import_checkpoint(const std::string &input, const std::string &output, const std::string &network,
                           const std::string &name, std::optional<std::string> prefix, int scale,
                           const std::string &slicing, std::optional<double> res_scale, std::optional<double> range,
                           std::optional<std::array<double, 3>> mean, const std::vector<int> &trained,
                           const std::string &license, const std::string &source, const std::string &notes) {
    weights::ImportOptions options;
    options.network = network;
    options.name = name;
    options.prefix = std::move(prefix);
    options.scale = scale;
    if (!slicing.empty())
        options.slicing = value_of(weights::parse_slicing(slicing));
    options.res_scale = res_scale;
    options.range = range;
    options.mean = mean;
    options.trained_widths = trained;
    options.license = license;
    options.source = source;
    options.notes = notes;
    weights::ModelFile model;
    weights::ImportReport report;
    {
        const nb::gil_scoped_release released;
        const weights::Safetensors checkpoint = value_of(weights::load_checkpoint(input));
        base::Result<weights::ModelFile> imported = weights::import_checkpoint(checkpoint, options, &report);
        if (!imported)
            throw Failure{0, input + ": " + imported.error()};
        model = *std::move(imported);
        check(weights::save_model(output, model));
    }
    nb::dict fields = dict_of(model);
    fields["layout"] = report.layout;
    fields["prefix"] = report.prefix;
    fields["rejected"] = report.rejected;
    fields["skipped"] = report.skipped;
    return fields;
}

}  // namespace

void bind_networks(nb::module_ &module) {
    module.def("describe_file", [](const std::string &path) { return dict_of(load(path)); }, nb::arg("path"));
    module.def("network_graph", &network_graph, nb::arg("path"), nb::arg("channels"));
    module.def("import_checkpoint", &import_checkpoint, nb::arg("input"), nb::arg("output"), nb::arg("network"),
               nb::arg("name"), nb::arg("prefix").none(), nb::arg("scale"), nb::arg("slicing"),
               nb::arg("res_scale").none(), nb::arg("range").none(), nb::arg("mean").none(), nb::arg("trained"),
               nb::arg("license"), nb::arg("source"), nb::arg("notes"));
}

}  // namespace slimscale::python
