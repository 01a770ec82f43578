// Keys' cubic (a = -0.5) along an axis. runtime/frames/resampling.h has the same weights as tables.
#pragma once

#include <string>
#include <utility>

#include "Halide.h"

namespace slimscale::blocks {

// Output out*i + p lies at sample in*i + at + p*in/out of `count` samples. With out = in = 1 and at = 0 samples are copied.
struct Axis {
    Halide::Expr out, in, at, count;

    Halide::Expr copies() const { return out == 1 && in == 1 && at == 0.f; }
    // Samples per output, at least 1. The cubic is stretched by this factor.
    Halide::Expr stretch() const { return Halide::max(1, in / out); }
    Halide::Expr taps() const { return Halide::select(copies(), 1, 4 * stretch()); }
};

// The arguments that describe an axis: `name`_out, `name`_in and `name`_at.
struct AxisInputs {
    Halide::GeneratorInput<int> out, in;
    Halide::GeneratorInput<float> at;

    explicit AxisInputs(const std::string &name) : out(name + "_out"), in(name + "_in"), at(name + "_at") {}
    Axis of(Halide::Expr count) const { return {out, in, at, std::move(count)}; }
};

inline Halide::Expr place_of(const Axis &a, Halide::Expr o) {
    return a.at + Halide::cast<float>((o % a.out) * a.in) / Halide::cast<float>(a.out);
}

// The sample of the first tap of output o, relative to sample in*i.
inline Halide::Expr first_of(const Axis &a, Halide::Expr o) {
    Halide::Expr from = place_of(a, o) - Halide::cast<float>(2 * a.stretch());
    Halide::Expr first = Halide::cast<int>(Halide::floor(from)) + 1;
    return first * Halide::select(a.copies(), 0, 1);
}

// A copied sample is its output's only tap, at distance 0, where the cubic is 1.
inline Halide::Expr weight_of(const Axis &a, Halide::Expr o, Halide::Expr tap) {
    using namespace Halide;
    Expr stretch = cast<float>(a.stretch());
    Expr d = abs(cast<float>(first_of(a, o) + tap) - place_of(a, o)) / stretch;
    Expr near = (1.5f * d - 2.5f) * d * d + 1.f, far = ((-0.5f * d + 2.5f) * d - 4.f) * d + 2.f;
    return select(d <= 1.f, near, d < 2.f, far, 0.f) / stretch;
}

enum class Edge { mirrored,
                  repeated };

// The sample that tap `tap` of output o reads. Samples outside are mirrored at the edge, or the edge is repeated.
inline Halide::Expr sample_of(const Axis &a, Halide::Expr o, Halide::Expr tap, Edge edge = Edge::mirrored) {
    using namespace Halide;
    Expr i = o / a.out * a.in + first_of(a, o) + tap;
    if (edge == Edge::mirrored)
        i = select(i < 0, -1 - i, i >= a.count, 2 * a.count - 1 - i, i);
    return clamp(i, 0, a.count - 1);
}

}  // namespace slimscale::blocks
