// Interprets the lowered program by plain loops. Its result is compared with the graph's (reference.h), which checks
// the lowering, and the executor's is compared with it step by step.
#pragma once

#include "networks/program.h"
#include "networks/reference/volume.h"

namespace slimscale::reference {

// Pixels are as in upscale(network, ...) of reference.h.
Volume upscale_program(const networks::Network &network, int channels, const Weights &weights, const Volume &image);

// The program on values in the network's range.
Volume evaluate(const networks::Program &program, const Weights &weights, const Volume &input);

// All tensors of the program, in its order. Row sums are (c, y, 1), attention factors (c, 1, 1).
std::vector<Volume> evaluate_tensors(const networks::Program &program, const Weights &weights, const Volume &input);

}  // namespace slimscale::reference
