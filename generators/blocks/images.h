// The words that images consist of, on devices (generators/README.md, "Images on devices"). On CPUs the runtime converts
// images itself, by the same formulas (runtime/cpu/pixel_rows.inc), so these blocks have a schedule for GPUs, and plain loops
// for tests only.
#pragma once

#include "Halide.h"

namespace slimscale::blocks {

inline Halide::Expr by_color(Halide::Expr c, Halide::Expr first, Halide::Expr second, Halide::Expr third) {
    return Halide::select(c == 0, first, c == 1, second, third);
}

// Word a where the condition holds, else b. It is for conditions that do not depend on the pixel: Halide 21 computes them
// outside of kernels, and a Vulkan kernel that gets two booleans reads wrong ones. Integers arrive as they are.
inline Halide::Expr chosen(Halide::Expr condition, Halide::Expr a, Halide::Expr b) {
    Halide::Expr all = Halide::select(condition, Halide::Expr(0xffffffffu), Halide::Expr(0u));
    return (a & all) | (b & ~all);
}

// value * weight, or 0 if the weight is 0, even where the value is no number.
inline Halide::Expr weighed(Halide::Expr value, Halide::Expr weight) {
    Halide::Expr product = Halide::reinterpret<uint32_t>(value * weight);
    return Halide::reinterpret<float>(chosen(weight != 0.f, product, Halide::Expr(0u)));
}

// Limits a value to 0 and white and rounds it to the nearest integer. A NaN compares false and becomes 0.
inline Halide::Expr to_integer(Halide::Expr value, Halide::Expr white) {
    return Halide::cast<int>(Halide::select(value > 0.f, Halide::min(value, white) + 0.5f, 0.f));
}

inline Halide::Expr bits(uint32_t value) {
    return Halide::Expr(value);
}

// Converts an IEEE half without an instruction for it, which not every device has. No float on the way is subnormal, since
// devices may read those as 0.
inline Halide::Expr float_of_half(Halide::Expr half) {
    using namespace Halide;
    Expr magnitude = half & bits(0x7fff), sign = (half & bits(0x8000)) << bits(16);
    Expr normal = (magnitude << bits(13)) + bits(112u << 23);  // exponents are biased by 15 and by 127
    Expr small = reinterpret<uint32_t>(cast<float>(cast<int>(magnitude)) * (1.f / (1 << 24)));
    Expr not_finite = (magnitude << bits(13)) | bits(0x7f800000);
    Expr value = select(magnitude >= bits(0x7c00), not_finite, magnitude < bits(0x400), small, normal);
    return reinterpret<float>(value | sign);
}

// The half nearest to a float; of two, the even one.
inline Halide::Expr half_of_float(Halide::Expr value) {
    using namespace Halide;
    const Expr too_large = bits((127 + 16) << 23), normal_from = bits(113 << 23), magic = bits(126 << 23);
    Expr all = reinterpret<uint32_t>(value), magnitude = all & bits(0x7fffffff);
    Expr odd = (magnitude >> bits(13)) & bits(1);
    Expr normal = (magnitude - bits(112 << 23) + bits(0xfff) + odd) >> bits(13);
    Expr small = reinterpret<uint32_t>(reinterpret<float>(magnitude) + reinterpret<float>(magic)) - magic;
    Expr large = select(magnitude > bits(0x7f800000), bits(0x7e00), bits(0x7c00));
    Expr half = select(magnitude >= too_large, large, magnitude < normal_from, small, normal);
    return half | ((all >> bits(16)) & bits(0x8000));
}

// The code of a component: the bits of `mask` in the word shifted right by `place`, or the float or half that the word is.
inline Halide::Expr code_of(Halide::Expr word, Halide::Expr place, Halide::Expr mask, Halide::Expr floats) {
    using namespace Halide;
    const int width = word.type().bits();
    Expr wide = cast<uint32_t>(word);
    Expr part = (wide >> cast<uint32_t>(place)) & cast<uint32_t>(mask);
    Expr integer = cast<float>(cast<int>(part));
    if (width == 8)
        return integer;
    Expr other = width == 16 ? reinterpret<uint32_t>(float_of_half(wide)) : wide;
    return reinterpret<float>(chosen(floats != 0, other, reinterpret<uint32_t>(integer)));
}

// The inverse, for words of `width` bits. Integers are limited to `white` and rounded.
inline Halide::Expr word_of(Halide::Expr code, Halide::Expr place, Halide::Expr white, Halide::Expr floats, int width) {
    using namespace Halide;
    Expr integer = cast<uint32_t>(to_integer(code, white)) << cast<uint32_t>(place);
    if (width == 8)
        return integer;
    return chosen(floats != 0, width == 16 ? half_of_float(code) : reinterpret<uint32_t>(code), integer);
}

}  // namespace slimscale::blocks
