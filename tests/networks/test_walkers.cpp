// Compares what walkers count with the papers' figures.
#include <functional>
#include <numeric>

#include "networks/networks.h"
#include "networks/walkers.h"
#include "tests/catch.h"

using namespace slimscale::networks;

namespace {

Graph built(const std::string &name, int scale, double width = 1) {
    const Network network = *preset(name, scale);
    return build(network, static_cast<int>(network.channels * width));
}

double millions(int64_t count) {
    return static_cast<double>(count) / 1e6;
}

int64_t thousands(int64_t count) {
    return (count + 500) / 1000;
}

int64_t count_tensors(const Graph &graph, bool upsampler) {
    int64_t count = 0;
    for (const TensorShape &tensor : tensors(graph))
        if ((tensor.name.rfind("up.", 0) == 0) == upsampler)
            count += std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t{1}, std::multiplies<>());
    return count;
}

// CARN's authors keep the up-samplers of x2, x3 and x4 in one model.
int64_t three_scale_parameters(const std::string &name) {
    int64_t count = count_tensors(built(name, 2), /*upsampler=*/false);
    for (int scale : {2, 3, 4})
        count += count_tensors(built(name, scale), /*upsampler=*/true);
    return count;
}

}  // namespace

TEST_CASE("parameters") {
    CHECK(millions(parameters(built("edsr", 4))) == Approx(43.09).margin(0.005));       // arXiv 1707.02921, table 1
    CHECK(millions(parameters(built("edsr", 4, 0.25))) == Approx(2.70).margin(0.005));  // arXiv 2105.11683, width 0.25
    CHECK(millions(parameters(built("edsr_baseline", 4))) == Approx(1.52).margin(0.005));
    CHECK(millions(parameters(built("rcan", 4))) == Approx(15.59).margin(0.005));     // arXiv 1807.02758
    CHECK(millions(three_scale_parameters("carn")) == Approx(1.592).margin(0.0005));  // arXiv 1803.08664, table 1
    CHECK(three_scale_parameters("carn_m") == 414787);                                // checkpoint less mean shifts
}

TEST_CASE("parameters are those of the tensors") {
    for (const std::string &name : preset_names()) {
        const Graph graph = built(name, 3);
        CHECK(parameters(graph) == count_tensors(graph, false) + count_tensors(graph, true));
    }
}

TEST_CASE("multiply-accumulates per low-resolution pixel") {
    CHECK(thousands(macs_per_pixel(built("edsr", 2))) == 40732);
    CHECK(thousands(macs_per_pixel(built("edsr", 4))) == 50253);
    CHECK(thousands(macs_per_pixel(built("edsr_baseline", 2))) == 1373);
    CHECK(thousands(macs_per_pixel(built("edsr_baseline", 2, 0.5))) == 345);
    CHECK(thousands(macs_per_pixel(built("edsr_baseline", 2, 0.25))) == 87);
    CHECK(thousands(macs_per_pixel(built("carn", 2))) == 967);
    CHECK(thousands(macs_per_pixel(built("rcan", 2))) == 15307);
}

TEST_CASE("compact costs about half of edsr_small's multiply-adds at 16 channels, a third at 64") {
    const auto share = [](double width) {
        return millions(macs_per_pixel(built("compact", 2, width))) /
               millions(macs_per_pixel(built("edsr_small", 2, width)));
    };
    CHECK(share(0.25) == Approx(0.54).margin(0.005));
    CHECK(share(1) == Approx(0.53).margin(0.005));
}

TEST_CASE("rcan_small costs about as much as edsr_small") {
    for (int scale : {2, 3, 4}) {
        const double edsr = millions(macs_per_pixel(built("edsr_small", scale)));
        CHECK(millions(macs_per_pixel(built("rcan_small", scale))) == Approx(edsr).epsilon(0.1));
    }
}

TEST_CASE("halo") {
    CHECK(halo_px(built("carn", 4)) == 21);
    CHECK(halo_px(built("carn_m", 4)) == 21);
    CHECK(halo_px(built("edsr", 4)) == 68);
    CHECK(halo_px(built("edsr_baseline", 4)) == 36);
    CHECK(halo_px(built("rcan", 4)) == 414);
    CHECK(halo_px(built("edsr_small", 2)) == halo_px(built("edsr_small", 2, 0.25)));
}

TEST_CASE("the last convolution is found behind a shuffle and the image's addition") {
    for (const char *name : {"edsr_small", "carn_m", "compact"})
        for (const bool skip : {false, true}) {
            Network network = *preset(name, 2);
            network.input_skip = skip;
            const Graph graph = build(network, 16);
            CHECK(graph.nodes[last_conv(graph)].conv.name == "tail");
        }
}

TEST_CASE("only RCAN needs the whole frame") {
    for (const std::string &name : preset_names())
        CHECK(needs_whole_frame(built(name, 2)) == (preset(name, 2)->family == Family::rcan));
}

TEST_CASE("tensors are the same at every width") {
    for (const std::string &name : preset_names()) {
        const Network network = *preset(name, 4);
        const std::vector<TensorShape> full = tensors(build(network, network.channels));
        for (int channels : {widths(network).front(), widths(network).back()}) {
            const std::vector<TensorShape> list = tensors(build(network, channels));
            REQUIRE(list.size() == full.size());
            for (size_t i = 0; i < list.size(); i++) {
                CHECK(list[i].name == full[i].name);
                CHECK(list[i].shape == full[i].shape);
            }
        }
    }
}

TEST_CASE("tensor names and shapes") {
    const auto names = [](const Graph &graph) {
        std::vector<std::string> result;
        for (const TensorShape &tensor : tensors(graph))
            result.push_back(tensor.name);
        return result;
    };
    Network edsr = *preset("edsr_small", 4);
    edsr.blocks = 1;
    CHECK(names(build(edsr, 64)) ==
          std::vector<std::string>{"head.weight", "head.bias", "body.0.conv1.weight", "body.0.conv1.bias",
                                   "body.0.conv2.weight", "body.0.conv2.bias", "body.end.weight", "body.end.bias",
                                   "up.0.weight", "up.0.bias", "up.1.weight", "up.1.bias", "tail.weight", "tail.bias"});

    Network compact = *preset("compact", 3);
    compact.blocks = 1;
    CHECK(names(build(compact, 16)) == std::vector<std::string>{"head.weight", "head.bias", "head.slope",
                                                                "body.0.weight", "body.0.bias", "body.0.slope",
                                                                "tail.weight", "tail.bias"});
    CHECK(tensors(build(compact, 16))[2].shape == std::vector<int>{64});
    CHECK(tensors(build(compact, 16))[6].shape == std::vector<int>{27, 64, 3, 3});

    Network rcan = *preset("rcan_small", 2);
    rcan.residual_groups = rcan.blocks = 1;
    CHECK(tensors(build(rcan, 16))[6].name == "groups.0.blocks.0.attention.squeeze.weight");
    CHECK(tensors(build(rcan, 16))[6].shape == std::vector<int>{4, 64, 1, 1});

    Network carn = *preset("carn_m", 2);
    carn.blocks = 1;
    const std::vector<TensorShape> list = tensors(build(carn, 32));
    CHECK(names(build(carn, 32)) ==
          std::vector<std::string>{"head.weight", "head.bias", "blocks.0.unit.conv1.weight", "blocks.0.unit.conv1.bias",
                                   "blocks.0.unit.conv2.weight", "blocks.0.unit.conv2.bias",
                                   "blocks.0.unit.pointwise.weight", "blocks.0.unit.pointwise.bias",
                                   "blocks.0.merge.0.weight", "blocks.0.merge.0.bias", "merge.0.weight", "merge.0.bias",
                                   "up.0.weight", "up.0.bias", "tail.weight", "tail.bias"});
    CHECK(list[2].shape == std::vector<int>{64, 16, 3, 3});
    CHECK(list[8].shape == std::vector<int>{64, 128, 1, 1});
    CHECK(list[12].shape == std::vector<int>{256, 16, 3, 3});
    CHECK(list[13].shape == std::vector<int>{256});
}
