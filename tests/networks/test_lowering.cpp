// The lowered program computes what the graph says.
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/networks/lowered.h"
#include "tests/networks/small_networks.h"
#include "tests/reference/program_reference.h"
#include "tests/reference/random.h"

using namespace slimscale::networks;
using namespace slimscale::reference;

namespace {

double largest(const Volume &volume) {
    double result = 0;
    for (double value : volume.data)
        result = std::max(result, std::abs(value));
    return result;
}

}  // namespace

TEST_CASE("program and graph agree") {
    constexpr double kRelative = 1e-9;
    struct Size {
        int width, height;
    };
    for (const Network &network : small_networks()) {
        const Weights weights = random_weights(network, 11);
        for (int channels : widths(network)) {
            const Graph graph = build(network, channels);
            for (Size size : {Size{1, 1}, Size{5, 3}, Size{7, 11}}) {
                CAPTURE(network.name, network.scale, network.colors, channels, size.width, size.height);
                const Volume input = normalized(network, random_image(network.colors, size.height, size.width, 13));
                const Volume expected = evaluate(graph, weights, input);
                REQUIRE(largest(expected) > 0);
                for (Tail tail : {Tail::collapsed, Tail::plain})
                    CHECK(max_difference(evaluate(lowered(network, channels, tail), weights, input), expected) <=
                          kRelative * largest(expected));
            }
        }
    }
}

TEST_CASE("both interpreters treat pixels alike") {
    Network network = *preset("carn_m", 2);
    network.channels = 16;
    const Weights weights = random_weights(network, 1);
    const Volume image = random_image(3, 4, 6, 2);
    CHECK(max_difference(upscale_program(network, 16, weights, image), upscale(network, 16, weights, image)) < 1e-9);
}
