// The vocabulary in which contract/blocks.inc declares the arguments of pipelines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "contract/layout.h"

namespace slimscale::contract {

// All arguments that any pipeline takes, by name: ONE(name, kind), or EACH(name, kind) for an argument that occurs once
// per concatenated input. Arg lists them, and Call (contract/call.h) has a slot for each.
//     input, base, ring         a tensor: frame row y lies in buffer row (y + base) mod ring; buffer row `ring` is zero
//     height, width, pixels     of the frame at the input's resolution; rows outside [0, height) are read as zeros
//     row0                      the frame row of the output's row 0
//     filter, filter1, filter2  packed filters, which bias, bias1 and bias2 belong to
//     segment_stride            the filter's input channels from the start of one segment to that of the next
//     output_min                the lower bound of the output: 0 is a ReLU, -infinity is none
//     input_scale, input_scales  q16, int8: what inputs are multiplied by before they are rounded, one factor or one
//                               for each Winograd-domain element
//     input_zero                int8: the byte that an input of 0 becomes
//     output_scale              q16, int8: what each output channel's sums are multiplied by before the bias is added
//     slope                     of a PReLU, one per channel
//     addend, add_base, add_ring  a tensor that is added to the output; its rows are addressed as the input's
//     add_column0, add_row0     the column and row of the step's grid that the output's column 0 and row 0 are
//     sums, factor              the sum of each channel over each row; the factor of each channel
//     component0..2             the words of an image's components; of outputs `output` and output1..3 are
//     place0..3, mask           the first bit of each component in its word, and the bits of a code; floats: 1 if the
//                               words are floats or halves
//     weight0..8, shift0..2, gain  a 3x3 matrix, row by row; what is added to its results; the factor of their sum
//     columns_out, _in, _at     a resampling along x: output _out*i + p lies at sample _in*i + _at + p*_in/_out; rows_
//                               likewise along y (runtime/frames/resampling.h)
//     codes, codes_taken, _width, _height  the input's codes, 1 if the output is made from them too, their size;
//                               code_weight0..8, code_columns_ and code_rows_ belong to them
//     white, alpha_white        the largest codes; alpha_white is 0 where the output has no alpha
//     alpha_weight, alpha_shift  what alpha's code is multiplied by (0: the input has none), and what is added
//     products                  Winograd-domain products, before the output transform
// clang-format off
#define SLIMSCALE_MATRIX_SLOTS(ONE, of) \
    ONE(of##0, number) ONE(of##1, number) ONE(of##2, number) ONE(of##3, number) ONE(of##4, number) \
    ONE(of##5, number) ONE(of##6, number) ONE(of##7, number) ONE(of##8, number)
#define SLIMSCALE_AXIS_SLOTS(ONE, axis) ONE(axis##out, integer) ONE(axis##in, integer) ONE(axis##at, number)
#define SLIMSCALE_CALL_SLOTS(ONE, EACH) \
    EACH(input, buffer) EACH(base, integer) EACH(ring, integer) \
    ONE(height, integer) ONE(width, integer) ONE(pixels, integer) ONE(row0, integer) \
    ONE(filter, buffer) ONE(bias, buffer) ONE(slope, buffer) \
    ONE(filter1, buffer) ONE(bias1, buffer) ONE(filter2, buffer) ONE(bias2, buffer) \
    ONE(segment_stride, integer) ONE(output_min, number) \
    ONE(input_scale, number) ONE(input_zero, integer) ONE(input_scales, buffer) ONE(output_scale, buffer) \
    ONE(addend, buffer) ONE(add_base, integer) ONE(add_ring, integer) ONE(add_column0, integer) ONE(add_row0, integer) \
    ONE(sums, buffer) ONE(factor, buffer) \
    ONE(component0, buffer) ONE(component1, buffer) ONE(component2, buffer) \
    ONE(place0, integer) ONE(place1, integer) ONE(place2, integer) ONE(place3, integer) \
    ONE(mask, integer) ONE(floats, integer) \
    SLIMSCALE_MATRIX_SLOTS(ONE, weight) ONE(shift0, number) ONE(shift1, number) ONE(shift2, number) ONE(gain, number) \
    SLIMSCALE_AXIS_SLOTS(ONE, columns_) SLIMSCALE_AXIS_SLOTS(ONE, rows_) \
    ONE(codes, buffer) ONE(codes_taken, integer) ONE(codes_width, integer) ONE(codes_height, integer) \
    SLIMSCALE_MATRIX_SLOTS(ONE, code_weight) \
    SLIMSCALE_AXIS_SLOTS(ONE, code_columns_) SLIMSCALE_AXIS_SLOTS(ONE, code_rows_) \
    ONE(alpha_weight, number) ONE(alpha_shift, number) ONE(alpha_white, number) ONE(white, number) \
    ONE(products, buffer) ONE(output, buffer) ONE(output1, buffer) ONE(output2, buffer) ONE(output3, buffer)
// clang-format on

enum class Arg : uint8_t {
#define SLIMSCALE_SLOT(name, kind) name,
    SLIMSCALE_CALL_SLOTS(SLIMSCALE_SLOT, SLIMSCALE_SLOT)
#undef SLIMSCALE_SLOT
};

enum class Kind : uint8_t {
    buffer,
    integer,  // int32
    number,   // float
};

// The type of a buffer's elements, as a function of the target's data type.
enum class Element : uint8_t {
    f32,
    stored,   // activations: stored_type of the target's data type
    weights,  // int16 in q16, else f32
    bf16,
    int8,
    sample,  // words of the pipeline's image: u8, u16 or u32
    word,    // u32
};

// Which of a block's pipelines have an argument.
enum class When : uint8_t {
    always,
    add,    // those that add a tensor
    q16,    // those in fixed point
    f32,    // those not in fixed point
    prelu,  // those that end in a PReLU
    clamp,  // those that do not end in a PReLU: output_min bounds their output
    skip,   // tails that add the input image
};

// Values of extents and strides that are not numbers: any, or the pipeline's channels in or out.
constexpr int kAny = 0, kIn = -1, kOut = -2;

// One dimension of a buffer. Dimensions are declared innermost first; extents and strides count elements. A compiled
// pipeline checks all of this in every call.
struct Dimension {
    const char *name = nullptr;
    bool from_zero = true;  // the smallest index is 0
    int extent = kAny;      // a number, kAny, kIn or kOut
    int multiple = 1;       // the extent is a multiple of this
    bool tiles = false;     // `multiple` holds on CPUs only: devices take any extent
    int stride = kAny;      // a number; kAny is 1 for the innermost dimension, unless it is `loose`
    bool loose = false;     // any stride

    constexpr Dimension unbounded() const {
        Dimension d = *this;
        d.from_zero = false;
        return d;
    }
    constexpr Dimension apart(int elements) const {
        Dimension d = *this;
        d.stride = elements;
        return d;
    }
    constexpr Dimension any_stride() const {
        Dimension d = *this;
        d.loose = true;
        return d;
    }
    constexpr Dimension in_multiples(int of) const {
        Dimension d = *this;
        d.multiple = of;
        return d;
    }
    constexpr Dimension in_tiles() const {
        Dimension d = *this;
        d.multiple = kTile;
        d.tiles = true;
        return d;
    }
};

constexpr Dimension dim(const char *name, int extent = kAny) {
    Dimension d;
    d.name = name;
    d.extent = extent;
    return d;
}

constexpr int kMostDimensions = 7;

struct Argument {
    Arg arg = Arg::output;
    const char *name = nullptr;  // in the compiled function
    Kind kind = Kind::integer;
    When when = When::always;
    bool per_segment = false;  // once for each concatenated input, whose number is appended to the name
    Element element = Element::f32;
    // Devices load and store kDeviceVector values at a time: the buffer's address, and all strides except the innermost
    // one and declared ones, are multiples of so many values.
    bool vectors = false;
    int rank = 0;
    Dimension dims[kMostDimensions] = {};

    constexpr Argument if_(When condition) const {
        Argument a = *this;
        a.when = condition;
        return a;
    }
    constexpr Argument in_vectors() const {
        Argument a = *this;
        a.vectors = true;
        return a;
    }
    constexpr Argument each_segment() const {
        Argument a = *this;
        a.per_segment = true;
        return a;
    }
};

constexpr Argument integer(Arg arg, const char *name) {
    Argument a;
    a.arg = arg;
    a.name = name;
    a.kind = Kind::integer;
    return a;
}

constexpr Argument number(Arg arg, const char *name) {
    Argument a;
    a.arg = arg;
    a.name = name;
    a.kind = Kind::number;
    return a;
}

template <typename... Dims>
constexpr Argument buffer(Arg arg, const char *name, Element element, Dims... dims) {
    static_assert(sizeof...(dims) <= kMostDimensions, "halide_buffer_t views have up to so many dimensions");
    Argument a;
    a.arg = arg;
    a.name = name;
    a.kind = Kind::buffer;
    a.element = element;
    a.rank = static_cast<int>(sizeof...(dims));
    int i = 0;
    ((a.dims[i++] = dims), ...);
    return a;
}

}  // namespace slimscale::contract
