// The plain schedule of every block: one tile (or one value) after the other, no vectors, no threads, no strips. The tests
// hold it and the fast schedules against the same plain loops, and the tuner compares its candidates with it, so it must
// stay too simple to be wrong.
#pragma once

#include <vector>

#include "Halide.h"

namespace slimscale::schedules {

// Computes `stages` for each value of the output anew.
void naive(Halide::Func output, const std::vector<Halide::Func> &stages);

// Computes `stages` once per tile of `width` x `height` values of the output's dimensions x and y, whose extents are
// multiples of these.
void naive_tiled(Halide::Func output, const std::vector<Halide::Func> &stages, int width, int height);

}  // namespace slimscale::schedules
