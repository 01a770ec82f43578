// The lowered program interpreted by plain loops: checks the lowering against the graph (reference.h), and is the
// executor's oracle step by step.
#pragma once

#include "networks/program.h"
#include "tests/reference/volume.h"

namespace slimscale::reference {

// Pixels as in upscale(network, ...) of reference.h.
Volume upscale_program(const networks::Network &network, int channels, const Weights &weights, const Volume &image);

// On values as they are inside the network.
Volume evaluate(const networks::Program &program, const Weights &weights, const Volume &input);

// All tensors of the program, in its order. Row sums are (c, y, 1), attention factors (c, 1, 1).
std::vector<Volume> evaluate_tensors(const networks::Program &program, const Weights &weights, const Volume &input);

}  // namespace slimscale::reference
