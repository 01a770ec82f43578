// A trained file of random weights, for programs that write one for the tests.
#pragma once

#include <cstdio>

#include "tests/reference/random.h"
#include "weights/model_file.h"

namespace slimscale::reference {

// The file claims to be trained at every width. Returns the exit status of `program`, whose name begins the message of
// what fails.
inline int save_random_model(const char *program, const networks::Network &network, const char *file) {
    weights::ModelFile model;
    model.network = network;
    model.trained_widths = networks::widths(network);
    model.notes = "random";
    for (const auto &[name, tensor] : random_weights(network, /*seed=*/1))
        model.tensors[name] = {{tensor.shape.begin(), tensor.shape.end()}, tensor.data};
    const std::string error = weights::save_model(file, model).error();
    if (!error.empty())
        std::fprintf(stderr, "%s: %s\n", program, error.c_str());
    return error.empty() ? 0 : 1;
}

}  // namespace slimscale::reference
