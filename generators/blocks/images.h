// The pixels of images on devices (generators/README.md, "Images on devices"). On CPUs the runtime converts them itself, by
// the same formulas (runtime/cpu/pixels.cpp), so these blocks have a schedule for GPUs, and plain loops for tests only.
#pragma once

#include "Halide.h"

namespace slimscale::blocks {

inline Halide::Expr by_color(Halide::Expr c, Halide::Expr first, Halide::Expr second, Halide::Expr third) {
    return Halide::select(c == 0, first, c == 1, second, third);
}

// Limits a value to 0 and white, the largest integer of the type, and rounds it to the nearest integer. A NaN compares false
// and becomes 0.
inline Halide::Expr to_integer(Halide::Type type, Halide::Expr value) {
    Halide::Expr white = Halide::cast<float>(type.max());
    return Halide::cast(type, Halide::select(value > 0.f, Halide::min(value, white) + 0.5f, 0.f));
}

}  // namespace slimscale::blocks
