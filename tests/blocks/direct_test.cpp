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

struct Case {
    int cin, cout, width;
    int base = 13, row0 = 0, height = 15;
    int taps = 3;
    Frame frame{cin, width, height, 3};
    Layer layer{cin, cout, taps};

    bool is_head() const { return cin <= 3; }
    std::string name() const {
        const char *kind = is_head() ? "head_" : taps == 4 ? "tail4_"
                                                           : "tail_";
        return kind + std::to_string(cin) + "_" + std::to_string(cout);
    }
    // Taps begin one before the pixel; a layer's are centered.
    double at(int c, int x, int y) const {
        const int shift = taps / 2 - 1;
        return layer.at(frame, c, x + shift, y + row0 + shift) + layer.bias(c);
    }
};

Case collapsed(int cin, int colors, int width) {
    Case t{cin, colors, width};
    t.taps = 4;
    t.layer.kernel = 4;
    return t;
}

void run(const Case &t, const TestTier &tier, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1);
    auto bias = bias_buffer(t.layer);
    auto head_filter = blocked_3x3(t.layer);
    auto tail_filter = transposed(t.layer);
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        if (t.is_head()) {
            call(t.name(), tier, input.buffer(), input.base, input.ring, t.height, t.row0 + row, head_filter, bias,
                 Activations{part});
        } else {
            call(t.name(), tier, Activations{input.buffer()}, input.base, input.ring, t.height, t.row0 + row, tail_filter, bias,
                 part);
        }
    }
}

void check(const Case &t, const TestTier &tier, int rows) {
    CAPTURE(t.name(), tier.name, t.width, t.row0, t.base);
    OutputView output(t.cout, tier.columns(t.width), rows);
    run(t, tier, output, rows);
    const auto expected = [&](int c, int x, int y) { return t.at(c, x, y); };
    const Tolerance tolerance = t.is_head() ? tier.tolerance() : Tolerance{};
    CHECK(difference(output, expected, t.cout, t.width, 0, rows - 1, tolerance) == "");
    CHECK(output.guards_intact());

    OutputView bands(t.cout, tier.columns(t.width), rows);
    run(t, tier, bands, t.is_head() ? 4 : 1);
    CHECK(byte_difference(output, bands, t.cout, t.width, rows) == "");
}

TEST_CASE("head and tail at awkward widths", "[direct]") {
    for (const TestTier &tier : tiers()) {
        for (int width : {1, 2, 3, 4, 5, 13, 17, 37, 129}) {
            check({3, 16, width}, tier, 4);
            check({16, 3, width}, tier, 3);
            check(collapsed(16, 3, width), tier, 3);
        }
    }
}

TEST_CASE("head and tail at several channel counts", "[direct]") {
    for (const TestTier &tier : tiers()) {
        for (int channels : {8, 24, 48}) {
            check({3, channels, 13}, tier, 4);
            check({1, channels, 13}, tier, 4);
            check({channels, 3, 13}, tier, 4);
            check({channels, 1, 13}, tier, 4);
            check(collapsed(channels, 3, 13), tier, 4);
            check(collapsed(channels, 1, 13), tier, 4);
        }
    }
}

void check_blockings(const Case &t, size_t count) {
    for (const TestTier &tier : fast_tiers()) {
        for (const TestTier &blocked : with_blockings(tier, t.name(), count)) {
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
    for (const TestTier &tier : tiers()) {
        for (int row0 : {-5, 0, 6}) {
            for (int base : {0, -33}) {
                for (int colors : {1, 3}) {
                    for (Case t : {Case{colors, 16, 6}, Case{16, colors, 6}, collapsed(16, colors, 6)}) {
                        t.row0 = row0, t.base = base;
                        check(t, tier, 12);
                    }
                }
            }
        }
    }
}

TEST_CASE("head and tail at more channel counts", "[.extended]") {
    for (const TestTier &tier : tiers()) {
        for (int channels : {32, 40, 64, 128, 256}) {
            check({3, channels, 29}, tier, 4);
            check({channels, 3, 29}, tier, 4);
            check(collapsed(channels, 3, 29), tier, 4);
        }
    }
}

}  // namespace
