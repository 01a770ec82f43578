#include "networks/program.h"

#include <optional>
#include <utility>

#include "contract/arguments.h"
#include "networks/walkers.h"

namespace slimscale::networks {
namespace {

// Visits the nodes in order. A convolution (or a mul) opens a step; as long as the step's value has one user and that
// user fits into its output stage, the user is taken in; then the step is emitted.
class Lowering {
public:
    Lowering(const Graph &graph, Tail tail)
        : graph_(graph), tail_(tail), users_(graph.nodes.size()), tensor_(graph.nodes.size(), kNone) {
        for (Value v = 0; v < size(); v++)
            for (Value input : node(v).inputs)
                users_[input].push_back(v);
        last_conv_ = last_conv(graph);
    }

    Result<Program> run() {
        const Node &image = node(0);
        tensor_[0] = add_tensor({image.channels, image.scale, 3});
        program_.whole_frame = needs_whole_frame(graph_);
        for (Value v = 1; v < size() && status_; v++)
            visit(v);
        SLIMSCALE_RETURN_IF_ERROR(status_);
        if (!ends_in_tail())
            return Error{"the network must end in a 3x3 convolution to the image's colors"};
        return std::move(program_);
    }

private:
    static constexpr int kNone = -1;      // not computed yet
    static constexpr int kAbsorbed = -2;  // part of a later tensor's step

    // A step whose output stage may still grow.
    struct Open {
        Step step;
        std::vector<const Conv *> convs;  // of filter, filter2
        double factor = 1;
    };

    bool ends_in_tail() const {
        return !program_.steps.empty() &&
               (program_.steps.back().kind == StepKind::tail || program_.steps.back().kind == StepKind::collapsed_tail);
    }

    Value size() const { return static_cast<Value>(graph_.nodes.size()); }
    const Node &node(Value v) const { return graph_.nodes[v]; }

    std::optional<Value> sole_user(Value v) const {
        if (users_[v].size() != 1 || v == graph_.output)
            return std::nullopt;
        return users_[v][0];
    }

    void fail(Value v, const std::string &why) {
        if (!status_)
            return;
        const std::string name = node(v).op == Op::conv ? " \"" + node(v).conv.name + "\"" : std::string();
        const std::string what = "node " + std::to_string(v) + " (" + name_of(node(v).op) + name + ")";
        status_ = Error{what + " cannot be compiled: " + why};
    }

    void visit(Value v) {
        if (tensor_[v] != kNone || node(v).op == Op::concat)  // a concatenation is read segment by segment
            return;
        switch (node(v).op) {
        case Op::conv:
            grow(v, open_conv(v));
            break;
        case Op::global_average_pool:
            lower_squeeze_excite(v);
            break;
        case Op::mul:
            grow(v, open_attend(v));
            break;
        case Op::repeat:
            if (!is_image(graph_, v))
                fail(v, "only the image is enlarged by repetition");
            break;
        default:
            fail(v, "it fits into no convolution's output stage (networks/README.md lists what does)");
        }
    }

    // ---- Steps -----------------------------------------------------------------------------------------------------

    Open open_conv(Value v) {
        const Conv &conv = node(v).conv;
        Open open{};
        open.convs = {&conv};
        Step &step = open.step;
        step.kind = kind_of(v);
        step.groups = conv.groups;
        step.cin = conv.segment_channels[0] / conv.groups;
        step.cout = conv.outputs / conv.groups;
        step.input_scale = node(v).scale;
        step.segment_stride = conv.segment_offsets.size() > 1 ? conv.segment_offsets[1] : 0;

        const Value x = node(v).inputs[0];
        for (Value segment : node(x).op == Op::concat ? node(x).inputs : std::vector<Value>{x})
            step.inputs.push_back(tensor_of(segment));
        check(v, step);
        return open;
    }

    StepKind kind_of(Value v) const {
        if (v == last_conv_)
            return StepKind::tail;
        if (node(v).inputs[0] == 0)
            return StepKind::head;
        return node(v).conv.kernel == 1 ? StepKind::conv1x1 : StepKind::conv3x3;
    }

    void check(Value v, const Step &step) {
        const Conv &conv = node(v).conv;
        if (!node(v).frame)
            return fail(v, "values without a frame are computed in channel attention only");
        if (conv.kernel != (step.kind == StepKind::conv1x1 ? 1 : 3))
            return fail(v, "kernels are 3x3, or 1x1 between the first and the last convolution");
        if (step.inputs.size() > contract::kMostSegments || (step.inputs.size() > 1 && step.kind != StepKind::conv1x1))
            return fail(v, "only 1x1 convolutions read concatenations, of up to " +
                               std::to_string(contract::kMostSegments) + " values");
        if (conv.groups > 1 && step.kind != StepKind::conv3x3)
            return fail(v, "only 3x3 convolutions between the first and the last may have groups");
        for (size_t s = 0; s < conv.segment_channels.size(); s++)
            if (conv.segment_channels[s] != step.cin * conv.groups ||
                conv.segment_offsets[s] != static_cast<int>(s) * step.segment_stride)
                return fail(v, "its segments differ in size");
    }

    // row_sum and squeeze_excite, for global average pooling -> squeeze -> ReLU -> expand -> sigmoid.
    void lower_squeeze_excite(Value v) {
        const Op pattern[] = {Op::conv, Op::relu, Op::conv, Op::sigmoid};
        Value last = v;
        std::vector<const Conv *> convs;
        for (Op op : pattern) {
            const std::optional<Value> user = sole_user(last);
            if (!user || node(*user).op != op)
                return fail(v, "global average pooling must go through conv, relu, conv and sigmoid");
            tensor_[last] = kAbsorbed;
            last = *user;
            if (op == Op::conv)
                convs.push_back(&node(last).conv);
        }
        const int channels = node(v).channels, scale = node(v).scale;

        Step sum;
        sum.kind = StepKind::row_sum;
        sum.cin = sum.cout = channels;
        sum.inputs = {tensor_of(node(v).inputs[0])};
        sum.output = add_tensor({channels, scale, 2});
        sum.input_scale = scale;
        program_.steps.push_back(sum);

        Open squeeze_excite{};
        squeeze_excite.convs = convs;
        squeeze_excite.step.kind = StepKind::squeeze_excite;
        squeeze_excite.step.cin = channels;
        squeeze_excite.step.cout = convs[0]->outputs;
        squeeze_excite.step.inputs = {sum.output};
        squeeze_excite.step.input_scale = scale;
        emit(last, squeeze_excite);
    }

    Open open_attend(Value v) {
        Open open{};
        Step &step = open.step;
        step.kind = StepKind::attend;
        step.cin = step.cout = node(v).channels;
        step.inputs = {tensor_of(node(v).inputs[0]), tensor_of(node(v).inputs[1])};
        step.input_scale = node(v).scale;
        return open;
    }

    // ---- Output stages ---------------------------------------------------------------------------------------------

    void grow(Value v, Open open) {
        while (const std::optional<Value> user = sole_user(v)) {
            if (!take_in(v, *user, open))
                break;
            tensor_[v] = kAbsorbed;
            v = *user;
        }
        if (open.step.kind == StepKind::attend && open.step.add < 0)
            return fail(v, "a product with factors must be added to a residual");
        emit(v, open);
    }

    // Whether `user`, the only reader of v, became part of the step that computes v.
    bool take_in(Value v, Value user, Open &open) {
        Step &step = open.step;
        const bool inner = step.kind == StepKind::conv3x3 || step.kind == StepKind::conv1x1;
        const bool is_tail = step.kind == StepKind::tail || step.kind == StepKind::collapsed_tail;
        const bool activated = step.relu || step.prelu;
        const bool plain = !activated && step.shuffle == 1 && step.add < 0;
        switch (node(user).op) {
        case Op::scale:
            if (step.kind == StepKind::attend || !plain)
                return false;
            open.factor *= node(user).factor;
            return true;
        case Op::add: {
            const Value other = node(user).inputs[node(user).inputs[0] == v ? 1 : 0];
            if (is_tail) {
                step.input_skip = user == graph_.output && is_image(graph_, other);
                return step.input_skip;
            }
            if (!(inner || step.kind == StepKind::attend) || !plain || tensor_[other] < 0)
                return false;
            step.add = tensor_[other];
            return true;
        }
        case Op::relu:
            if (!inner || activated)
                return false;
            step.relu = true;
            return true;
        case Op::prelu:
            // Named after the convolution, so that a filter's tensors are found by one name.
            if (!(step.kind == StepKind::conv3x3 || step.kind == StepKind::head) || activated || step.shuffle > 1 ||
                node(user).slope.name != open.convs[0]->name)
                return false;
            step.prelu = true;
            return true;
        case Op::shuffle:
            if (!(step.kind == StepKind::conv3x3 || step.kind == StepKind::tail) || step.shuffle > 1 || step.add >= 0 ||
                step.prelu)
                return false;
            step.shuffle = node(user).shuffle;
            step.cout /= step.shuffle * step.shuffle;
            return true;
        case Op::conv:
            return collapse(user, open);
        default:
            return false;
        }
    }

    // The last upsampler convolution takes the tail in: two linear maps in a row are one.
    bool collapse(Value user, Open &open) const {
        Step &step = open.step;
        const Conv &tail = node(user).conv;
        const bool upsampler = step.kind == StepKind::conv3x3 && step.shuffle > 1 && !step.relu && step.groups == 1;
        if (tail_ == Tail::plain || user != last_conv_ || node(user).scale != node(graph_.output).scale || !upsampler ||
            step.cout != step.cin || tail.kernel != 3 || tail.groups > 1)
            return false;
        step.kind = StepKind::collapsed_tail;
        step.cout = tail.outputs;
        open.convs.push_back(&tail);
        return true;
    }

    // ---- Tables ----------------------------------------------------------------------------------------------------

    void emit(Value v, Open &open) {
        Step &step = open.step;
        if (!open.convs.empty())
            step.filter = add_filter(v, *open.convs[0], step.shuffle, open.factor, step.prelu);
        if (open.convs.size() > 1)
            step.filter2 = add_filter(v, *open.convs[1], /*shuffle=*/1, /*factor=*/1, /*prelu=*/false);
        step.output = add_tensor({node(v).channels, node(v).scale, node(v).frame ? 3 : 1});
        tensor_[v] = step.output;
        if (step.kind == StepKind::head)
            program_.channels = step.cout;
        program_.steps.push_back(std::move(step));
    }

    int tensor_of(Value v) {
        if (tensor_[v] < 0)
            fail(v, "its value is read, but only computed inside another step");
        return tensor_[v];
    }

    int add_tensor(Tensor tensor) {
        program_.tensors.push_back(tensor);
        return static_cast<int>(program_.tensors.size()) - 1;
    }

    int add_filter(Value v, const Conv &conv, int shuffle, double factor, bool prelu) {
        const Filter filter{conv.name,
                            conv.full_inputs / conv.full_groups,
                            conv.full_outputs / (shuffle * shuffle),
                            conv.kernel,
                            conv.full_groups,
                            shuffle,
                            factor,
                            prelu};
        for (size_t i = 0; i < program_.filters.size(); i++) {
            const Filter &known = program_.filters[i];
            if (known.name != filter.name)
                continue;
            if (known.inputs != filter.inputs || known.outputs != filter.outputs || known.kernel != filter.kernel ||
                known.groups != filter.groups || known.shuffle != filter.shuffle || known.factor != filter.factor ||
                known.prelu != filter.prelu)
                fail(v, "\"" + filter.name + "\" is shared by convolutions that differ");
            return static_cast<int>(i);
        }
        program_.filters.push_back(filter);
        return static_cast<int>(program_.filters.size()) - 1;
    }

    const Graph &graph_;
    const Tail tail_;
    Value last_conv_ = 0;
    std::vector<std::vector<Value>> users_;  // per node
    std::vector<int> tensor_;                // per node: tensor that holds it, or kNone, kAbsorbed
    Program program_;
    Status status_;  // the first node that no pipeline computes
};

}  // namespace

Result<Program> lower(const Graph &graph, Tail tail) {
    return Lowering(graph, tail).run();
}

Result<Program> lower(const Network &network, int channels, Tail tail) {
    SLIMSCALE_RETURN_IF_ERROR(check_network(network));
    SLIMSCALE_RETURN_IF_ERROR(check_width(network, channels));
    return lower(build(network, channels), tail);
}

contract::Pipeline pipeline_of(const Step &step) {
    const contract::OperationFacts &facts = facts_of(step.kind);
    contract::Pipeline pipeline = contract::pipeline(facts.block, step.cin);
    if (has_field(facts.block, "out"))
        pipeline.out = step.cout;
    if (has_field(facts.block, "segments"))
        pipeline.segments = static_cast<int>(step.inputs.size());
    if (has_field(facts.block, "add"))
        pipeline.add = step.add >= 0;
    if (facts.runs == contract::Runs::collapsed)
        pipeline.taps = contract::kCollapsedTaps;
    pipeline.activation = step.prelu ? contract::Activation::prelu : contract::Activation::none;
    pipeline.skip = step.input_skip ? step.input_scale : 0;
    return pipeline;
}

std::string pipeline_name(const Step &step) {
    return name_of(pipeline_of(step)).str();
}

}  // namespace slimscale::networks
