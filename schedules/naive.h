// The plain schedule of every block: one tile (or one value) after the other, without vectors, threads and strips. The tests
// compare it and the fast schedules with the same plain loops, and the tuner compares its candidates with it, so it must
// stay too simple to be wrong.
#pragma once

#include <vector>

#include "Halide.h"

namespace slimscale::schedules {

// Computes `stages` again for each value of the output.
void naive(Halide::Func output, const std::vector<Halide::Func> &stages);

// Computes `stages` once per tile of `width` x `height` values of the output's dimensions x and y, whose extents are
// multiples of these.
void naive_tiled(Halide::Func output, const std::vector<Halide::Func> &stages, int width, int height);

}  // namespace slimscale::schedules
