// Compares computed 3x3 convolutions with what cases expect, which have cout, width, height, row0, add and
// expected(c, x, y).
#pragma once

#include <algorithm>
#include <utility>

#include "tests/blocks/compare.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace slimscale::test {

// The first and last row of a call to compare. An addend has only rows that lie in the frame.
template <typename Case>
std::pair<int, int> frame_rows(const Case &t, int rows) {
    return t.add ? std::pair{std::max(0, -t.row0), std::min(rows, t.height - t.row0) - 1} : std::pair{0, rows - 1};
}

template <typename Case>
void check_output(const Case &t, const TestTarget &target, const OutputView &output, int rows) {
    const auto [first, last] = frame_rows(t, rows);
    CHECK(difference(
              output, [&](int c, int x, int y) { return t.expected(c, x, y); }, t.cout, t.width, first, last,
              target.tolerance()) == "");
    CHECK(output.guards_intact());
}

}  // namespace slimscale::test
