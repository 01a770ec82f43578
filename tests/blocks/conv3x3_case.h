// Cases of 3x3 convolutions, and the comparison of what is computed with what they expect: cases have cout, width,
// height, row0, add and expected(c, x, y).
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/catch.h"

namespace slimscale::test {

// One convolution of one frame by one pipeline, ready to call with any output.
struct Conv3x3Case {
    int cin, cout, width, height = 21;
    bool add = false, prelu = false;
    float output_min = 0;
    int base = 17, row0 = 0;
    Frame frame{cin, width, height, 3};
    Frame addend{cout, width, height, 4};
    Layer layer{cin, cout, 3};

    std::string name() const {
        return std::string("conv3x3_") + (prelu ? "prelu_" : "") + (add ? "add_" : "") + std::to_string(cin) + "_" +
               std::to_string(cout);
    }
};

// The first and last row of a call to compare. An addend has only rows that lie in the frame.
template <typename Case>
std::pair<int, int> frame_rows(const Case &t, int rows) {
    return t.add ? std::pair{std::max(0, -t.row0), std::min(rows, t.height - t.row0) - 1} : std::pair{0, rows - 1};
}

template <typename Case>
void check_output(const Case &t, Tolerance tolerance, const OutputView &output, int rows) {
    const auto [first, last] = frame_rows(t, rows);
    CHECK(difference(
              output, [&](int c, int x, int y) { return t.expected(c, x, y); }, t.cout, t.width, first, last,
              tolerance) == "");
    CHECK(output.guards_intact());
}

}  // namespace slimscale::test
