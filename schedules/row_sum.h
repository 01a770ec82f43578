// The stages of the row sums (generators/blocks/row_sum.cpp) and their schedule.
#pragma once

#include "Halide.h"

namespace slimscale::schedules {

struct RowSumStages {
    Halide::Func rows;  // (y): buffer row
    Halide::Func sum;   // (c, y), reduced over x
};

void row_sum(const RowSumStages &stages, Halide::Func output, int channels, const Halide::Target &target);

}  // namespace slimscale::schedules
