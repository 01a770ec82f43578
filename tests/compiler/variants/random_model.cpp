// Writes a model file with random weights, which claims to be trained at every width:
//     random_model <preset> <scale> <colors> <file>
#include <cstdio>
#include <cstdlib>

#include "tests/reference/random.h"
#include "weights/model_file.h"

using namespace slimscale;

int main(int argc, char **argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: random_model <preset> <scale> <colors> <file>\n");
        return 2;
    }
    const auto network = networks::preset(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
    if (!network) {
        std::fprintf(stderr, "random_model: no network is called %s\n", argv[1]);
        return 1;
    }
    weights::ModelFile model;
    model.network = *network;
    model.trained_widths = networks::widths(*network);
    model.notes = "random";
    for (const auto &[name, tensor] : reference::random_weights(*network, /*seed=*/1))
        model.tensors[name] = {{tensor.shape.begin(), tensor.shape.end()}, tensor.data};
    const std::string error = weights::save_model(argv[4], model).error();
    if (!error.empty())
        std::fprintf(stderr, "random_model: %s\n", error.c_str());
    return error.empty() ? 0 : 1;
}
