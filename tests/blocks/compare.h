// Comparing a pipeline's output with plain loops in double precision.
#pragma once

#include <functional>
#include <string>

#include "tests/blocks/tensors.h"

namespace slimscale::test {

// f32 Winograd F(4x4) at 256 channels has relative RMS errors of 1e-6 and worst cases 20 times that
// (contract/winograd.h); a wrong tap, row or channel is off by more than 1e-2. In between:
struct Tolerance {
    double of_deviation = 1e-4;  // largest error, as a share of the expected output's standard deviation
    double of_value = 0;         // and of each value's magnitude: what rounding to f16 may take
};

using Expected = std::function<double(int c, int x, int y)>;

// "" or what differs most, over x in [0, width) and y in [first_row, last_row].
std::string difference(const OutputView &output, const Expected &expected, int channels, int width, int first_row,
                       int last_row, Tolerance tolerance = {});

// "" or the first value that is not the same to the bit.
std::string byte_difference(const OutputView &a, const OutputView &b, int channels, int width, int rows);

}  // namespace slimscale::test
