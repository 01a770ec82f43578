// The stages of the attention's product (generators/blocks/attend.cpp) and their schedule.
#pragma once

#include "Halide.h"

namespace slimscale::schedules {

struct AttendStages {
    Halide::Func rows, add_rows;  // (y): buffer rows
};

void attend(const AttendStages &stages, Halide::Func output, int channels, const Halide::Target &target);

namespace gpu {

void attend(Halide::Func output, int channels);

}

}  // namespace slimscale::schedules
