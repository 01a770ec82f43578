// The transforms of inputs and outputs (kBt and kAt of contract/winograd.h), with the common subexpressions of +-a and +-b
// computed once. A test compares them with the matrices.
#pragma once

#include <array>
#include <vector>

#include "Halide.h"
#include "contract/winograd.h"

namespace slimscale::blocks {

// Six expressions, one per sample or Winograd-domain element of an axis.
struct Six {
    std::array<Halide::Expr, 6> e;

    template <typename F>
    static Six of(F &&f) { return {{f(0), f(1), f(2), f(3), f(4), f(5)}}; }
    const Halide::Expr &operator[](int i) const { return e[static_cast<size_t>(i)]; }
};

// B^T d: 6 samples to 6 Winograd-domain elements.
inline std::vector<Halide::Expr> input_transform(const Six &d) {
    const auto a = static_cast<float>(winograd::kA), b = static_cast<float>(winograd::kB);
    Halide::Expr even_a = d[4] - 2.f * d[2], odd_a = a * (d[3] - 2.f * d[1]);
    Halide::Expr even_b = d[4] - 0.5f * d[2], odd_b = b * (d[3] - 0.5f * d[1]);
    return {d[0] - 2.5f * d[2] + d[4], even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b,
            d[1] - 2.5f * d[3] + d[5]};
}

// A^T m: 6 Winograd-domain elements to 4 samples. The two elements of +-b are divided by `gain`.
inline std::vector<Halide::Expr> output_transform(const Six &m, double gain = 1) {
    const auto a = static_cast<float>(winograd::kA), b = static_cast<float>(winograd::kB / gain);
    const auto one = static_cast<float>(1 / gain), two = static_cast<float>(2 / gain);
    Halide::Expr sum_a = m[1] + m[2], difference_a = m[1] - m[2];
    Halide::Expr sum_b = m[3] + m[4], difference_b = m[3] - m[4];
    return {m[0] + sum_a + one * sum_b, a * difference_a + b * difference_b, 0.5f * sum_a + two * sum_b,
            (0.5f * a) * difference_a + (2.f * b) * difference_b + m[5]};
}

}  // namespace slimscale::blocks
