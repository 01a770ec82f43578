// The oracle itself, against results computed by hand and properties that any correct oracle has.
#include <algorithm>
#include <cmath>

#include "networks/builder.h"
#include "networks/walkers.h"
#include "tests/catch.h"
#include "tests/networks/small_networks.h"
#include "tests/reference/random.h"

using namespace slimscale::networks;
using namespace slimscale::reference;

namespace {

Volume counting(int channels, int height, int width) {
    Volume volume(channels, height, width);
    for (size_t i = 0; i < volume.data.size(); i++)
        volume.data[i] = static_cast<double>(i);
    return volume;
}

}  // namespace

TEST_CASE("a convolution correlates, pads with zeros and adds its bias") {
    Builder b(1, Slicing::per_segment);
    const Graph graph = b.finish(b.conv(b.input(), "c", fixed(1), 3));
    Weights weights;
    weights["c.weight"] = {{1, 1, 3, 3}, {0, 0, 0, 0, 10, 1, 0, 0, 0}};  // the pixel, and its right neighbor
    weights["c.bias"] = {{1}, {0.5}};
    const Volume y = evaluate(graph, weights, counting(1, 2, 3));
    CHECK(y.data == std::vector<double>{1.5, 12.5, 20.5, 34.5, 45.5, 50.5});
}

TEST_CASE("groups see their own channels") {
    Builder b(4, Slicing::per_segment);
    const Graph graph = b.finish(b.conv(b.input(), "c", fixed(2), 1, fixed(2)));
    Weights weights;
    weights["c.weight"] = {{2, 2, 1, 1}, {1, 10, 100, 1000}};
    weights["c.bias"] = {{2}, {0, 0}};
    CHECK(evaluate(graph, weights, counting(4, 1, 1)).data == std::vector<double>{10, 3200});
}

TEST_CASE("pixel shuffle is PyTorch's") {
    Builder b(8, Slicing::per_segment);
    const Graph graph = b.finish(b.shuffle(b.input(), 2));
    CHECK(evaluate(graph, {}, counting(8, 1, 2)).data ==
          std::vector<double>{0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15});
}

TEST_CASE("zero weights give the mean, or the enlarged input where it is added") {
    for (const Network &network : small_networks()) {
        Weights weights;
        for (const TensorShape &tensor : tensors(build(network, network.channels))) {
            size_t count = 1;
            for (int extent : tensor.shape)
                count *= static_cast<size_t>(extent);
            weights[tensor.name] = {tensor.shape, std::vector<float>(count, 0.f)};
        }
        const Volume image = random_image(network.colors, 2, 3, 1);
        const Volume y = upscale(network, widths(network)[0], weights, image);
        CHECK(y.height == 2 * network.scale);
        CHECK(y.width == 3 * network.scale);
        for (int c = 0; c < network.colors; c++)
            CHECK(y.at(c, 1, 1) ==
                  Approx(network.input_skip ? image.at(c, 1 / network.scale, 1 / network.scale) : network.mean[c]));
    }
}

TEST_CASE("random weights have the file's tensors and give a deviation near 50") {
    for (const Network &network : small_networks()) {
        CAPTURE(network.name, network.scale, network.colors);
        for (int channels : {widths(network)[0], network.channels}) {
            const Weights weights = random_weights(network, 7, channels);
            const std::vector<TensorShape> list = tensors(build(network, network.channels));
            REQUIRE(weights.size() == list.size());
            for (const TensorShape &shape : list)
                CHECK(tensor(weights, shape.name).shape == shape.shape);
            const Volume y = upscale(network, channels, weights, random_image(network.colors, 12, 12, 3));
            const double image_deviation = network.input_skip ? 255 / std::sqrt(12.0) : 0;  // uniform in 0..1
            CHECK(255 * standard_deviation(y) == Approx(std::hypot(50, image_deviation)).margin(12));
        }
    }
}

TEST_CASE("random weights depend on nothing but the seed") {
    const Network network = *preset("edsr_small", 2);
    const auto head = [&](uint64_t seed) { return random_weights(network, seed, 8).at("head.weight").data; };
    CHECK(head(1) == head(1));
    CHECK(head(1) != head(2));
}

TEST_CASE("a narrow network is the full one with its other channels' weights at zero") {
    for (const Network &network : small_networks()) {
        if (network.slicing != Slicing::per_segment)
            continue;
        CAPTURE(network.name, network.scale, network.colors);
        const Weights weights = random_weights(network, 3);
        const Volume image = random_image(network.colors, 5, 4, 5);
        for (int channels : widths(network)) {
            Weights zeroed = weights;
            for (const Node &node : build(network, channels).nodes) {
                if (node.op != Op::conv)
                    continue;
                for (const char *kind : {".weight", ".bias"}) {
                    Tensor &tensor = zeroed.at(node.conv.name + kind);
                    const size_t kept = tensor.data.size() / tensor.shape[0] * node.conv.outputs;
                    std::fill(tensor.data.begin() + static_cast<std::ptrdiff_t>(kept), tensor.data.end(), 0.f);
                }
            }
            const Volume narrow = upscale(network, channels, weights, image);
            const Volume full = upscale(network, network.channels, zeroed, image);
            CHECK(max_difference(narrow, full) < 1e-12);
        }
    }
}

TEST_CASE("the ways to slice a concatenation differ at narrow widths only") {
    Network per_segment = *preset("carn", 2);
    per_segment.channels = 16;
    Network leading = per_segment;
    leading.slicing = Slicing::leading;
    const Weights weights = random_weights(per_segment, 1);
    const Volume image = random_image(3, 3, 3, 1);
    CHECK(max_difference(upscale(per_segment, 16, weights, image), upscale(leading, 16, weights, image)) == 0);
    CHECK(max_difference(upscale(per_segment, 8, weights, image), upscale(leading, 8, weights, image)) > 1e-3);
}

TEST_CASE("a pixel reaches as far as the halo says") {
    for (const Network &network : small_networks()) {
        const Graph graph = build(network, network.channels);
        if (needs_whole_frame(graph) || network.slicing != Slicing::per_segment)
            continue;
        CAPTURE(network.name, network.scale);
        const Weights weights = random_weights(network, 5);
        const Volume image = random_image(network.colors, 3, halo_px(graph) + 4, 6);
        Volume changed = image;
        changed.at(0, 1, 0) += 10;

        const Volume before = upscale(network, network.channels, weights, image);
        const Volume after = upscale(network, network.channels, weights, changed);
        int reach = 0;
        for (int x = 0; x < before.width; x++)
            for (int y = 0; y < before.height; y++)
                if (before.at(0, y, x) != after.at(0, y, x))
                    reach = x / network.scale;
        CHECK(reach == halo_px(graph));
    }
}
