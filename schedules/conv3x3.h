// The stages of the Winograd convolution (generators/blocks/conv3x3.cpp) and their schedule.
#pragma once

#include "Halide.h"
#include "schedules/blocking.h"

namespace slimscale::schedules {

// The stages in the order of computation. (tx, ty) is a tile, k along x and l along y a Winograd-domain element. The group g
// follows the arguments listed here, and from `sum` on the phase follows it.
struct Conv3x3Stages {
    Halide::Func rows{"rows"};            // (y): buffer row
    Halide::Func input_y{"input_y"};      // (c, x, l, ty): transformed along y, for all tiles that column x belongs to
    Halide::Func input_xy{"input_xy"};    // (c, tx, k, l, ty): transformed
    Halide::Func sum{"sum"};              // (c, tx, k, l, ty): 36 matrix products, as a reduction over input channels
    Halide::Func product{"product"};      // (c, tx, k, l, ty): the sum as f32
    Halide::Func output_x{"output_x"};    // (c, p, l, tx, ty): transformed back along x
    Halide::Func output_xy{"output_xy"};  // (c, p, q, tx, ty): 4x4 pixels per tile
};

// `output` (c, x, y, g, u, v): phase u + v * s of a shuffle by s. `add_rows` (y) is undefined where nothing is added. `q16`:
// inputs and filters are int16, in pairs of channels.
void conv3x3(Conv3x3Stages &stages, Halide::Func output, Halide::Func add_rows, Channels channels, bool q16,
             const Blocking &blocking, const Halide::Target &target);

// The most bytes that conv3x3 takes from halide_malloc per worker, for one group.
size_t conv3x3_scratch_bytes(Channels channels, bool q16, const Blocking &blocking);

}  // namespace slimscale::schedules
