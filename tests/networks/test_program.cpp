#include <map>
#include <set>

#include "networks/builder.h"
#include "networks/program.h"
#include "networks/walkers.h"
#include "tests/catch.h"
#include "tests/networks/lowered.h"

using namespace slimscale::networks;

namespace {

struct Variant {
    Network network;
    int channels;
};

std::vector<Variant> all_variants() {
    std::vector<Variant> variants;
    for (const std::string &name : preset_names())
        for (int scale : {2, 3, 4})
            for (Slicing slicing : {Slicing::per_segment, Slicing::leading}) {
                Network network = *preset(name, scale);
                network.slicing = slicing;
                for (int channels : {widths(network)[0], widths(network)[1], network.channels})
                    variants.push_back({network, channels});
            }
    return variants;
}

std::map<std::string, int> pipelines(const Program &program) {
    std::map<std::string, int> counts;
    for (const Step &step : program.steps)
        counts[pipeline_name(step)]++;
    return counts;
}

// "", or what is wrong with the tensors that the step reads and writes.
std::string step_error(const Program &program, const Step &step, std::set<int> &written) {
    std::vector<int> reads = step.inputs;
    if (step.add >= 0)
        reads.push_back(step.add);
    for (int tensor : reads)
        if (written.count(tensor) == 0)
            return "reads tensor " + std::to_string(tensor) + " before it is written";
    if (!written.insert(step.output).second)
        return "writes tensor " + std::to_string(step.output) + " again";

    const Tensor &in = program.tensors[step.inputs[0]], &out = program.tensors[step.output];
    if (in.scale != step.input_scale || out.scale != step.input_scale * step.shuffle)
        return "has a wrong scale";
    if (in.channels != step.cin * step.groups)
        return "has a wrong number of input channels";
    if (out.channels != (step.kind == StepKind::squeeze_excite ? step.cin : step.cout * step.groups))
        return "has a wrong number of output channels";
    if (step.add >= 0 && program.tensors[step.add].channels != out.channels)
        return "adds a tensor of another size";
    return "";
}

Builder small_builder(Value *head) {
    Builder b(3, Slicing::per_segment);
    *head = b.conv(b.input(), "head", fixed(16), 3);
    return b;
}

std::string error_with_tail(Builder &b, Value x) {
    return lower(b.finish(b.conv(x, "tail", fixed(3), 3))).error();
}

bool collapses(const Program &program) {
    return program.steps.back().kind == StepKind::collapsed_tail;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every preset lowers at every scale to few distinct pipelines") {
    for (const Variant &variant : all_variants()) {
        CAPTURE(variant.network.name, variant.network.scale, variant.channels);
        const Program program = lowered(variant.network, variant.channels);
        CHECK(program.channels == variant.channels);
        CHECK(pipelines(program).size() <= 7);
        CHECK(program.whole_frame == (variant.network.family == Family::rcan));
    }
}

TEST_CASE("tensors are written before they are read, once, with the sizes that the steps say") {
    for (const Variant &variant : all_variants()) {
        const Program program = lowered(variant.network, variant.channels);
        std::set<int> written{0};
        std::set<std::string> errors;
        for (const Step &step : program.steps)
            errors.insert(pipeline_name(step) + " " + step_error(program, step, written));
        for (const std::string &error : errors)
            CHECK(error.back() == ' ');
        CHECK(written.size() == program.tensors.size());
        // CARN's up-sampler has a ReLU, and compact's tail is one.
        const bool from_up_sampler =
            variant.network.family != Family::carn && variant.network.family != Family::compact;
        CHECK(program.steps.back().kind == (from_up_sampler ? StepKind::collapsed_tail : StepKind::tail));
        CHECK(program.steps.back().output == static_cast<int>(program.tensors.size()) - 1);
    }
}

TEST_CASE("filters are the network's convolutions, each once, the same at every width") {
    for (const Variant &variant : all_variants()) {
        const std::vector<TensorShape> list = tensors(build(variant.network, variant.channels));
        const Program program = lowered(variant.network, variant.channels);
        const Program full = lowered(variant.network, variant.network.channels);
        REQUIRE(full.filters.size() == program.filters.size());
        size_t at = 0;  // in the list
        for (size_t i = 0; i < program.filters.size(); i++) {
            const Filter &filter = program.filters[i];
            const int outputs = filter.outputs * filter.shuffle * filter.shuffle;
            REQUIRE(at + (filter.prelu ? 3 : 2) <= list.size());
            CHECK(list[at].name == filter.name + ".weight");
            CHECK(list[at].shape == std::vector<int>{outputs, filter.inputs, filter.kernel, filter.kernel});
            CHECK(full.filters[i].outputs == filter.outputs);
            CHECK(full.filters[i].groups == filter.groups);
            at += 2;
            if (filter.prelu)
                CHECK(list[at++].name == filter.name + ".slope");
        }
        CHECK(at == list.size());
    }
}

TEST_CASE("the steps of each family") {
    using Counts = std::map<std::string, int>;
    CHECK(pipelines(lowered(*preset("edsr_baseline", 2), 16)) ==
          Counts{{"head_3_16", 1}, {"conv3x3_16_16", 16}, {"conv3x3_add_16_16", 17}, {"tail4_16_3", 1}});
    CHECK(pipelines(lowered(*preset("edsr_baseline", 2), 16, Tail::plain)) ==
          Counts{{"head_3_16", 1}, {"conv3x3_16_16", 17}, {"conv3x3_add_16_16", 17}, {"tail_16_3", 1}});
    CHECK(pipelines(lowered(*preset("rcan", 4, 1), 32)) == Counts{{"head_1_32", 1},
                                                                  {"conv3x3_32_32", 401},
                                                                  {"conv3x3_add_32_32", 11},
                                                                  {"row_sum_32", 200},
                                                                  {"squeeze_excite_32_2", 200},
                                                                  {"attend_32", 200},
                                                                  {"tail4_32_1", 1}});
    CHECK(pipelines(lowered(*preset("carn", 2), 64)) == Counts{{"head_3_64", 1},
                                                               {"conv3x3_64_64", 10},
                                                               {"conv3x3_add_64_64", 9},
                                                               {"conv1x1_64_64_n2", 4},
                                                               {"conv1x1_64_64_n3", 4},
                                                               {"conv1x1_64_64_n4", 4},
                                                               {"tail_64_3", 1}});
    CHECK(pipelines(lowered(*preset("carn_m", 2), 48)) == Counts{{"head_3_48", 1},
                                                                 {"conv3x3_16_16", 19},
                                                                 {"conv1x1_add_48_48_n1", 9},
                                                                 {"conv1x1_48_48_n2", 4},
                                                                 {"conv1x1_48_48_n3", 4},
                                                                 {"conv1x1_48_48_n4", 4},
                                                                 {"tail_48_3", 1}});
}

TEST_CASE("compact's PReLU, feature residual, shuffle and input are its convolutions' output stages") {
    const Program program = lowered(*preset("compact", 2), 16);
    CHECK(pipelines(program) == std::map<std::string, int>{{"head_prelu_3_16", 1},
                                                           {"conv3x3_prelu_16_16", 10},
                                                           {"conv3x3_prelu_add_16_16", 1},
                                                           {"tail_skip_16_3", 1}});
    const Step &tail = program.steps.back();
    CHECK(tail.shuffle == 2);
    CHECK(tail.input_scale == 1);
    CHECK(tail.input_skip);
    CHECK(program.tensors[tail.output].scale == 2);
    CHECK(program.filters[tail.filter].shuffle == 2);
    CHECK(program.filters[tail.filter].outputs == 3);
}

TEST_CASE("the input is added by the tail, collapsed or not") {
    for (const char *name : {"edsr_small", "rcan_small", "carn_m"})
        for (const int scale : {1, 2, 3, 4})
            for (const Tail tail : {Tail::collapsed, Tail::plain}) {
                Network network = *preset(name, scale);
                const Program without = lowered(network, 16, tail);
                network.input_skip = true;
                const Program program = lowered(network, 16, tail);
                CAPTURE(name, scale);
                CHECK(program.steps.back().input_skip);
                CHECK(program.steps.back().kind == without.steps.back().kind);
                CHECK(program.steps.size() == without.steps.size());
                CHECK(program.tensors.size() == without.tensors.size());
            }
}

TEST_CASE("only the image is enlarged, and only by the last step") {
    Value head = 0;
    Builder b = small_builder(&head);
    const Value enlarged = b.repeat(head, 2);
    CHECK(contains(error_with_tail(b, enlarged), "only the image"));
    Builder c = small_builder(&head);
    const Value up = c.shuffle(c.conv(head, "up", fixed(12), 3), 2);
    CHECK(error_with_tail(c, c.add(up, c.repeat(c.input(), 2))) != "");
}

TEST_CASE("a PReLU takes its convolution's name") {
    Value head = 0;
    Builder b = small_builder(&head);
    CHECK(error_with_tail(b, b.prelu(b.conv(head, "body", fixed(16), 3), "body")).empty());
    Builder c = small_builder(&head);
    CHECK(contains(error_with_tail(c, c.prelu(c.conv(head, "body", fixed(16), 3), "other")), "prelu"));
}

TEST_CASE("linear residuals change no step of CARN but for its ReLU") {
    for (const char *name : {"carn", "carn_m"}) {
        Network network = *preset(name, 4);
        const Program authors = lowered(network, 32, Tail::plain);
        network.name = "own";
        network.linear_residuals = true;
        const Program linear = lowered(network, 32, Tail::plain);
        REQUIRE(linear.steps.size() == authors.steps.size());
        for (size_t i = 0; i < linear.steps.size(); i++) {
            const Step &step = linear.steps[i], &expected = authors.steps[i];
            const bool linear_step = step.add >= 0 || step.shuffle > 1;
            CHECK(pipeline_name(step) == pipeline_name(expected));
            CHECK(step.add == expected.add);
            CHECK(step.shuffle == expected.shuffle);
            CHECK(step.relu == (expected.relu && !linear_step));
        }
    }
}

TEST_CASE("an upsampler of groups writes its phases") {
    const Program program = lowered(*preset("carn_m", 3), 32);
    const Step &step = program.steps[program.steps.size() - 2];
    CHECK(step.kind == StepKind::conv3x3);
    CHECK(step.groups == 2);
    CHECK(step.shuffle == 3);
    CHECK(step.relu);
    const Filter &filter = program.filters[step.filter];
    CHECK(filter.name == "up.0");
    CHECK(filter.inputs == 16);
    CHECK(filter.outputs == 64);
    CHECK(filter.groups == 4);
    CHECK(filter.shuffle == 3);
}

TEST_CASE("the last upsampler convolution and the tail are one step at every width") {
    for (const char *name : {"edsr_small", "rcan_small"})
        for (int scale : {2, 3, 4}) {
            const Network network = *preset(name, scale);
            for (int channels : widths(network)) {
                const Program program = lowered(network, channels), pair = lowered(network, channels, Tail::plain);
                const Step &step = program.steps.back();
                CAPTURE(name, scale, channels);
                REQUIRE(collapses(program));
                CHECK(program.steps.size() + 1 == pair.steps.size());
                CHECK(program.tensors.size() + 1 == pair.tensors.size());
                CHECK(step.cin == channels);
                CHECK(step.cout == 3);
                CHECK(step.shuffle == (scale == 3 ? 3 : 2));
                CHECK(step.input_scale * step.shuffle == scale);
                CHECK(step.groups == 1);
                CHECK(program.filters[step.filter].name == (scale == 4 ? "up.1" : "up.0"));
                CHECK(program.filters[step.filter].shuffle == step.shuffle);
                CHECK(program.filters[step.filter2].name == "tail");
                CHECK(program.filters[step.filter2].shuffle == 1);
            }
        }
}

TEST_CASE("the tail stays where more than a shuffle stands before it") {
    Value head = 0;
    Builder b = small_builder(&head);
    const auto tail_of = [&](Value x) { return lowered(b.finish(b.conv(x, "tail", fixed(3), 3))); };
    SECTION("nothing") {
        CHECK(collapses(tail_of(b.shuffle(b.conv(head, "up", fixed(64), 3), 2))));
    }
    SECTION("a ReLU") {
        CHECK(!collapses(tail_of(b.relu(b.shuffle(b.conv(head, "up", fixed(64), 3), 2)))));
    }
    SECTION("a ReLU before the shuffle") {
        CHECK(!collapses(tail_of(b.shuffle(b.relu(b.conv(head, "up", fixed(64), 3)), 2))));
    }
    SECTION("groups") {
        CHECK(!collapses(tail_of(b.shuffle(b.conv(head, "up", fixed(64), 3, fixed(2)), 2))));
    }
    SECTION("no shuffle") {
        CHECK(!collapses(tail_of(b.conv(head, "body", fixed(16), 3))));
    }
    SECTION("other channels in between") {
        CHECK(!collapses(tail_of(b.shuffle(b.conv(head, "up", fixed(32), 3), 2))));
    }
}

TEST_CASE("residual scaling is folded into the second convolution") {
    for (const Filter &filter : lowered(*preset("edsr", 2), 64).filters) {
        const bool second = filter.name.find(".conv2") != std::string::npos;
        CHECK(filter.factor == (second ? 0.1 : 1));
    }
}

TEST_CASE("concatenations are read segment by segment") {
    Network network = *preset("carn", 2);
    for (Slicing slicing : {Slicing::per_segment, Slicing::leading}) {
        network.slicing = slicing;
        for (int channels : widths(network)) {
            const int stride = slicing == Slicing::per_segment ? network.channels : channels;
            for (const Step &step : lowered(network, channels).steps)
                CHECK(step.segment_stride == (step.inputs.size() > 1 ? stride : 0));
        }
    }
}

TEST_CASE("a network or width that does not exist is an error") {
    Network network = *preset("edsr_small", 2);
    CHECK(lower(network, 20).error() == check_width(network, 20).error());
    network.scale = 7;
    CHECK(lower(network, 64).error() == check_network(network).error());
}

TEST_CASE("a graph that no pipeline computes is an error that names the node") {
    Value head = 0;
    Builder b = small_builder(&head);
    SECTION("ReLU on the first convolution") {
        CHECK(error_with_tail(b, b.relu(head)) ==
              "node 2 (relu) cannot be compiled: it fits into no convolution's output stage "
              "(networks/README.md lists what does)");
    }
    SECTION("a 3x3 over a concatenation") {
        const Value x = b.conv(head, "body", fixed(16), 3);
        CHECK(error_with_tail(b, b.conv(b.concat({head, x}), "wide", fixed(16), 3)) ==
              "node 4 (conv \"wide\") cannot be compiled: "
              "only 1x1 convolutions read concatenations, of up to 4 values");
    }
    SECTION("five segments") {
        const Value x = b.concat({head, head, head, head, head});
        CHECK(contains(error_with_tail(b, b.conv(x, "wide", fixed(16), 1)), "of up to 4 values"));
    }
    SECTION("segments of different sizes") {
        const Value x = b.conv(head, "body", fixed(32), 3);
        CHECK(contains(error_with_tail(b, b.conv(b.concat({head, x}), "merge", fixed(16), 1)), "segments differ"));
    }
    SECTION("a grouped 1x1") {
        CHECK(contains(error_with_tail(b, b.conv(head, "mix", fixed(16), 1, fixed(2))), "may have groups"));
    }
    SECTION("5x5") {
        CHECK(contains(error_with_tail(b, b.conv(head, "large", fixed(16), 5)), "kernels are"));
    }
    SECTION("global average pooling that is no attention") {
        const Value x = b.conv(head, "body", fixed(16), 3);
        CHECK(contains(error_with_tail(b, b.mul(x, b.sigmoid(b.global_average_pool(x)))),
                       "conv, relu, conv and sigmoid"));
    }
    SECTION("factors that are no attention") {
        const Value mean = b.global_average_pool(head);
        const Value both = b.add(b.conv(mean, "one", fixed(16), 1), b.conv(mean, "two", fixed(16), 1));
        CHECK(error_with_tail(b, b.add(head, b.mul(head, both))) != "");
    }
    SECTION("attention without a residual") {
        Value factors = b.relu(b.conv(b.global_average_pool(head), "squeeze", fixed(8), 1));
        factors = b.sigmoid(b.conv(factors, "expand", fixed(16), 1));
        CHECK(contains(error_with_tail(b, b.mul(head, factors)), "residual"));
    }
    SECTION("one filter with two scales") {
        const Value x = b.add(head, b.scale(b.conv(head, "body", fixed(16), 3), 0.1));
        const Value y = b.add(x, b.scale(b.conv(x, "body", fixed(16), 3), 0.2));
        CHECK(contains(error_with_tail(b, y), "shared by convolutions that differ"));
    }
    SECTION("a shuffle of a sum") {
        const Value x = b.add(head, b.conv(head, "body", fixed(16), 3));
        CHECK(contains(error_with_tail(b, b.shuffle(x, 2)), "output stage"));
    }
    SECTION("a result that is no convolution") {
        CHECK(lower(b.finish(b.relu(b.conv(head, "tail", fixed(3), 3)))).error() ==
              "the network must end in a 3x3 convolution to the image's colors");
    }
    SECTION("a concatenation that something else reads") {
        CHECK(contains(error_with_tail(b, b.relu(b.concat({head, head}))), "output stage"));
    }
}
