#include <algorithm>

#include "networks/networks.h"
#include "tests/catch.h"

using namespace slimscale::networks;

TEST_CASE("every preset can be built at every scale, in RGB and luma") {
    for (const std::string &name : preset_names())
        for (int scale : {1, 2, 3, 4})
            for (int colors : {1, 3}) {
                const std::optional<Network> network = preset(name, scale, colors);
                REQUIRE(network);
                CHECK(check_network(*network).error() == "");
                CHECK(network->name == name);

                const Graph graph = build(*network, network->channels);
                const Node &output = graph.nodes[graph.output];
                CHECK(graph.nodes[0].channels == colors);
                CHECK(output.channels == colors);
                CHECK(output.scale == scale);
            }
}

TEST_CASE("presets are the papers' networks") {
    CHECK(preset_names() == std::vector<std::string>{"edsr", "edsr_baseline", "edsr_small", "rcan", "rcan_small",
                                                     "carn", "carn_m", "compact"});
    CHECK(preset("edsr", 2)->res_scale == 0.1);
    CHECK(preset("edsr_baseline", 2)->res_scale == 1);
    CHECK(preset("edsr", 2)->range == 255);
    CHECK(preset("rcan", 2)->range == 255);
    CHECK(preset("carn", 2)->range == 1);
    CHECK(preset("carn_m", 2)->group_channels == 16);
    CHECK(preset("carn_m", 2)->recursive);
    CHECK_FALSE(preset("carn", 2)->recursive);
    CHECK_FALSE(preset("vdsr", 2));
}

TEST_CASE("x4 is two stages of x2, x3 is one") {
    const auto stages = [](int scale) {
        std::vector<int> factors;
        for (const Node &node : build(*preset("edsr_small", scale), 64).nodes)
            if (node.op == Op::shuffle)
                factors.push_back(node.shuffle);
        return factors;
    };
    CHECK(stages(2) == std::vector<int>{2});
    CHECK(stages(3) == std::vector<int>{3});
    CHECK(stages(4) == std::vector<int>{2, 2});
}

TEST_CASE("at scale 1 nothing is enlarged") {
    for (const char *name : {"edsr_small", "compact"})
        for (const Node &node : build(*preset(name, 1), 64).nodes)
            CHECK((node.op != Op::shuffle && node.op != Op::repeat));
}

TEST_CASE("compact computes at the input's size and adds the enlarged input") {
    const Graph graph = build(*preset("compact", 2), 16);
    for (const Node &node : graph.nodes)
        CHECK((node.scale == 1 || node.op == Op::shuffle || node.op == Op::repeat ||
               &node == &graph.nodes[graph.output]));
    CHECK(graph.nodes[graph.output].op == Op::add);
    const auto count = [&](Op op) {
        return std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node &node) { return node.op == op; });
    };
    CHECK(count(Op::conv) == 13);  // head, 11 between, tail
    CHECK(count(Op::prelu) == 12);
    CHECK(count(Op::add) == 2);  // the head's features, the input
}

TEST_CASE("linear residuals leave out the ReLUs after sums and in the up-sampler, no others") {
    const auto relus = [](const Graph &graph, Op after) {
        return std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node &node) {
            return node.op == Op::relu && graph.nodes[node.inputs[0]].op == after;
        });
    };
    for (const char *name : {"carn", "carn_m"})
        for (int scale : {2, 3, 4}) {
            Network network = *preset(name, scale);
            const Graph authors = build(network, network.channels);
            network.linear_residuals = true;
            const Graph linear = build(network, network.channels);
            const int stages = scale == 4 ? 2 : 1, units = 9;
            CAPTURE(name, scale);
            CHECK(relus(authors, Op::add) == units);
            CHECK(relus(linear, Op::add) == 0);
            CHECK(relus(authors, Op::conv) - relus(linear, Op::conv) == stages);
            for (const Node &node : linear.nodes)
                if (node.op == Op::shuffle)
                    CHECK(linear.nodes[node.inputs[0]].op == Op::conv);
        }
}

TEST_CASE("a network that cannot be built is refused with the field's name") {
    const Network edsr = *preset("edsr_small", 2), rcan = *preset("rcan_small", 2), carn = *preset("carn_m", 2);
    const auto error = [](Network network, const auto &change) {
        change(network);
        return check_network(network).error();
    };
    CHECK(error(edsr, [](Network &n) { n.name = "My net"; }) ==
          "name must be 1 to 47 of the characters a-z, 0-9 and _, not \"My net\"");
    CHECK(error(edsr, [](Network &n) { n.name = ""; }) != "");
    CHECK(error(edsr, [](Network &n) { n.name = std::string(48, 'a'); }) != "");
    CHECK(error(edsr, [](Network &n) { n.scale = 5; }) == "scale must be 1, 2, 3 or 4, not 5");
    CHECK(error(edsr, [](Network &n) { n.colors = 4; }) == "colors must be 1 (luma) or 3 (RGB), not 4");
    CHECK(error(edsr, [](Network &n) { n.blocks = 0; }) == "blocks must be from 1 to 256, not 0");
    CHECK(error(edsr, [](Network &n) { n.channels = 60; }) == "channels must be a multiple of 8 up to 1024, not 60");
    CHECK(error(edsr, [](Network &n) { n.channels = 0; }) != "");
    CHECK(error(edsr, [](Network &n) { n.channels = 2048; }) != "");
    CHECK(error(edsr, [](Network &n) { n.res_scale = 0; }) != "");
    CHECK(error(edsr, [](Network &n) { n.range = -1; }) == "range must be a positive number, not -1.000000");
    CHECK(error(edsr, [](Network &n) { n.mean[2] = 2; }) != "");
    CHECK(error(edsr, [](Network &n) { n.group_channels = 16; }) ==
          "group_channels must be 0 (only CARN has grouped convolutions), not 16");
    CHECK(error(edsr, [](Network &n) { n.recursive = true; }) != "");
    CHECK(error(edsr, [](Network &n) { n.linear_residuals = true; }) ==
          "linear_residuals must be false (only CARN has ReLUs to leave out), not true");
    CHECK(error(carn, [](Network &n) { n.linear_residuals = true; }) ==
          "name must be no preset's (linear_residuals is another network), not \"carn_m\"");
    CHECK(error(edsr, [](Network &n) { n.feature_residual = true; }) ==
          "feature_residual must be false (only compact has a choice there), not true");
    CHECK(error(edsr, [](Network &n) { n.residual_groups = 2; }) != "");
    CHECK(error(rcan, [](Network &n) { n.residual_groups = 0; }) == "residual_groups must be from 1 to 64, not 0");
    CHECK(error(rcan, [](Network &n) { n.reduction = 0; }) == "reduction must be from 1 to 1024, not 0");
    CHECK(error(rcan, [](Network &n) { n.channels = 72; }) == "channels must be a multiple of 16 up to 1024, not 72");
    CHECK(error(carn, [](Network &n) { n.blocks = 4; }) == "blocks must be from 1 to 3 for CARN, not 4");
    CHECK(error(carn, [](Network &n) { n.group_channels = 8; }) ==
          "group_channels must be 0 or a multiple of 16, not 8");
    CHECK(error(carn, [](Network &n) { n.group_channels = -16; }) != "");
}
