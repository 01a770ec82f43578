// Head and tail, the direct convolutions from and to the image's colors, 3x3 or a collapsed tail's 4x4, against plain
// loops.
#include "tests/blocks/compare.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

constexpr int kRing = 20;

int floor_div(int a, int b) {
    return a / b - (a % b < 0);
}

struct Case {
    int cin, cout, width;
    int base = 13, row0 = 0, height = 15;
    int taps = 3;
    bool prelu = false;  // head: ends in a PReLU
    int skip = 0;        // tail: columns and rows of its grid per pixel of the image that is added; 0: none is
    int column0 = 0;     // with a skip: the column of that grid that the output's column 0 is
    Frame frame{cin, width, height, 3};
    Layer layer{cin, cout, taps};
    Frame image{cout, width, height, 5};

    bool is_head() const { return cin <= 3; }
    std::string name() const {
        std::string kind = is_head() ? "head_" : taps == 4 ? "tail4_" : "tail_";
        if (prelu)
            kind += "prelu_";
        if (skip > 0)
            kind += "skip" + (skip > 1 ? std::to_string(skip) : std::string()) + "_";
        return kind + std::to_string(cin) + "_" + std::to_string(cout);
    }
    // A pipeline's taps begin one pixel before the output's; a layer's are centered.
    double at(int c, int x, int y) const {
        const int shift = taps / 2 - 1;
        const double sum = layer.at(frame, c, x + shift, y + row0 + shift) + layer.bias(c);
        if (skip > 0)
            return sum + image.at(c, floor_div(x + column0, skip), floor_div(y + row0, skip));
        return prelu ? layer.prelu(c, sum) : sum;
    }
};

Case with_prelu(Case t) {
    t.prelu = true;
    return t;
}

Case with_image(Case t, int skip, int column0 = 0) {
    t.skip = skip;
    t.column0 = column0;
    return t;
}

Case collapsed(int cin, int colors, int width) {
    Case t{cin, colors, width};
    t.taps = 4;
    t.layer.kernel = 4;
    return t;
}

void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1);
    RingTensor image(t.image, kRing + 5, t.base + 2, std::min(t.row0, 0));
    auto bias = bias_buffer(t.layer);
    auto head_filter = blocked_3x3(t.layer);
    auto tail_filter = transposed(t.layer);
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        if (t.prelu) {
            call(t.name(), target, input.buffer(), input.base, input.ring, t.height, t.row0 + row, head_filter, bias,
                 slope_buffer(t.layer), Activations{part});
        } else if (t.skip > 0) {
            call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, t.height, t.row0 + row,
                 tail_filter, bias, image.buffer(), image.base, image.ring, t.column0, t.row0 + row, part);
        } else if (t.is_head()) {
            call(t.name(), target, input.buffer(), input.base, input.ring, t.height, t.row0 + row, head_filter, bias,
                 Activations{part});
        } else {
            call(t.name(), target, Activations{input.buffer()}, input.base, input.ring, t.height, t.row0 + row,
                 tail_filter, bias, part);
        }
    }
}

void check(const Case &t, const TestTarget &target, int rows) {
    CAPTURE(t.name(), target.name, t.width, t.row0, t.base);
    OutputView output(t.cout, target.columns(t.width), rows);
    run(t, target, output, rows);
    const auto expected = [&](int c, int x, int y) { return t.at(c, x, y); };
    const Tolerance tolerance = t.is_head() ? target.tolerance() : Tolerance{};
    // The image has no rows outside the frame.
    const int first = t.skip > 0 ? std::max(0, -t.row0) : 0,
              last = t.skip > 0 ? std::min(rows, t.height - t.row0) - 1 : rows - 1;
    CHECK(difference(output, expected, t.cout, t.width, first, last, tolerance) == "");
    CHECK(output.guards_intact());

    OutputView bands(t.cout, target.columns(t.width), rows);
    run(t, target, bands, t.is_head() ? 4 : 1);
    CHECK(byte_difference(output, bands, t.cout, t.width, last + 1) == "");
}

TEST_CASE("head and tail at awkward widths", "[direct]") {
    for (const TestTarget &target : targets()) {
        for (int width : {1, 2, 3, 4, 5, 13, 17, 37, 129}) {
            check({3, 16, width}, target, 4);
            check({16, 3, width}, target, 3);
            check(collapsed(16, 3, width), target, 3);
        }
    }
}

TEST_CASE("a head ends in a PReLU, a tail adds the image", "[direct]") {
    for (const TestTarget &target : targets()) {
        for (int width : {1, 4, 5, 37}) {
            check(with_prelu({3, 16, width}), target, 4);
            check(with_prelu({1, 24, width}), target, 4);
            for (int skip : {1, 2, 3, 4}) {
                check(with_image({16, 3, width}, skip), target, 5);
                check(with_image({24, 1, width}, skip), target, 5);
                check(with_image(collapsed(16, 3, width), skip), target, 5);
            }
        }
        // The columns at which the edges of a collapsed tail begin.
        for (int column0 : {1, 2, 3})
            check(with_image(collapsed(16, 3, 5), 2, column0), target, 4);
        for (int row0 : {-3, 2, 7}) {
            Case t = with_image({16, 3, 9}, 2);
            t.row0 = row0;
            check(t, target, 6);
        }
    }
}

TEST_CASE("head and tail at several channel counts", "[direct]") {
    for (const TestTarget &target : targets()) {
        for (int channels : {8, 24, 48}) {
            check({3, channels, 13}, target, 4);
            check({1, channels, 13}, target, 4);
            check({channels, 3, 13}, target, 4);
            check({channels, 1, 13}, target, 4);
            check(collapsed(channels, 3, 13), target, 4);
            check(collapsed(channels, 1, 13), target, 4);
        }
    }
}

void check_blockings(const Case &t, size_t count) {
    for (const TestTarget &target : fast_targets()) {
        for (const TestTarget &blocked : with_blockings(target, t.name(), count)) {
            CAPTURE(blocked.blocking);
            check(t, blocked, 4);
        }
    }
}

TEST_CASE("head and tail agree however they are blocked", "[direct]") {
    check_blockings({3, 16, 13}, 2);
    check_blockings({16, 3, 13}, 2);
    check_blockings(collapsed(16, 3, 13), 2);
}

TEST_CASE("head and tail agree however they are blocked, at length", "[.extended]") {
    for (int channels : {8, 24, 48, 64}) {
        check_blockings({3, channels, 13}, 8);
        check_blockings({channels, 3, 13}, 8);
        check_blockings(collapsed(channels, 3, 13), 8);
    }
}

TEST_CASE("head and tail find their rows in the ring", "[direct]") {
    for (const TestTarget &target : targets()) {
        for (int row0 : {-5, 0, 6}) {
            for (int base : {0, -33}) {
                for (int colors : {1, 3}) {
                    for (Case t : {Case{colors, 16, 6}, Case{16, colors, 6}, collapsed(16, colors, 6)}) {
                        t.row0 = row0, t.base = base;
                        check(t, target, 12);
                    }
                }
            }
        }
    }
}

TEST_CASE("head and tail at more channel counts", "[.extended]") {
    for (const TestTarget &target : targets()) {
        for (int channels : {32, 40, 64, 128, 256}) {
            check({3, channels, 29}, target, 4);
            check({channels, 3, 29}, target, 4);
            check(collapsed(channels, 3, 29), target, 4);
        }
    }
}

}  // namespace
