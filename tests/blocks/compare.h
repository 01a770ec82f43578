// Compares a pipeline's output with plain loops in double precision.
#pragma once

#include <functional>
#include <string>

#include "tests/blocks/tensors.h"

namespace slimscale::test {

// Bounds between rounding and mistakes: Winograd's F(4x4) in f32 at 256 channels has relative RMS errors of 1e-6 and
// worst cases 20 times that (contract/winograd.h), while a wrong tap, row or channel is off by more than 1e-2.
struct Tolerance {
    double of_deviation = 1e-4;  // the largest error, as a share of the expected output's standard deviation
    double of_value = 0;         // what is added to it, as a share of each value's magnitude, for rounding to f16
};

using Expected = std::function<double(int c, int x, int y)>;

// "", or the value that differs most, over x in [0, width) and y in [first_row, last_row].
std::string difference(const OutputView &output, const Expected &expected, int channels, int width, int first_row,
                       int last_row, Tolerance tolerance = {});

// "", or the first value that is not the same to the bit.
std::string byte_difference(const OutputView &a, const OutputView &b, int channels, int width, int rows);

}  // namespace slimscale::test
