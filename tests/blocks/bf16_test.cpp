// 3x3 convolutions of bf16 in AMX tiles give exactly what plain loops give that add as the tile
// instructions do; on processors without AMX these are executed in software (tests/emulation/amx.h).
#include <algorithm>
#include <limits>

#include "tests/blocks/compare.h"
#include "tests/blocks/conv3x3_case.h"
#include "tests/blocks/tiles.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"
#include "tests/emulation/jumps.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

constexpr int kRing = 24;
constexpr float kNoOutputMin = -std::numeric_limits<float>::infinity();

struct Case : Conv3x3Case {
    int channel_total = 0;  // of the input's tensor, of which the convolution reads some; 0: it reads all

    // As the tile instructions add: kx, ky, then steps of 16 or 32 input channels.
    float sum(int c, int x, int y) const {
        const int padded = round_up(cin, 16), step = padded % 32 == 0 ? 32 : 16;
        float all = 0;
        for (int first = 0; first < padded; first += step)
            for (int tap = 0; tap < 9; tap++) {
                TileChains chains;
                for (int i = first; i < std::min(first + step, cin); i++)
                    chains.add(i, rounded_bf16(frame.at(i, x + tap % 3 - 1, y + row0 + tap / 3 - 1)),
                               rounded_bf16(layer.weight(c, i, tap / 3, tap % 3)));
                all += chains.sum();
            }
        return all;
    }

    double expected(int c, int x, int y) const {
        float value = sum(c, x, y) + layer.bias(c);
        if (add)
            value += rounded_bf16(addend.at(c, x, y + row0));
        return rounded_bf16(prelu ? layer.prelu(c, value) : std::max(value, output_min));
    }
    // Compilers may add the addend first and fuse the PReLU's multiplication, so that a value may be rounded to the
    // next.
    Tolerance tolerance() const { return add || prelu ? Tolerance{1e-4, 1. / 128} : Tolerance{0, 0}; }
};

// Computes `output` in bands of `rows_per_call` rows.
void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1, 0, t.channel_total);
    RingTensor addend(t.addend, kRing + 3, t.base - 40, t.row0);
    auto filter = paired(t.layer);
    auto bias = bias_buffer(t.layer), slope = slope_buffer(t.layer);
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        Activations in{input.buffer()}, added{addend.buffer()}, out{part};
        const auto call_with = [&](auto bound) {
            if (t.add)
                call(t.name(), target, in, input.base, input.ring, t.height, t.row0 + row, filter, bias, bound, added,
                     addend.base, addend.ring, out);
            else
                call(t.name(), target, in, input.base, input.ring, t.height, t.row0 + row, filter, bias, bound, out);
        };
        if (t.prelu)
            call_with(slope);
        else
            call_with(t.output_min);
        CHECK_FALSE(holds_tiles());  // a call leaves no configuration behind
    }
}

void check(const Case &t, int rows, OutputView::Strides strides = {}) {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    CAPTURE(t.name(), t.width, t.row0, t.base, rows);
    OutputView output(t.cout, round_up(t.width, 4), rows, strides);
    run(t, *target, output, rows);
    check_output(t, t.tolerance(), output, rows);
}

void check_bands(const Case &t) {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    CAPTURE(t.name(), t.width, t.row0);
    const int columns = round_up(t.width, 4);
    OutputView whole(t.cout, columns, 16), bands(t.cout, columns, 16);
    run(t, *target, whole, 16);
    run(t, *target, bands, 4);
    CHECK(byte_difference(whole, bands, t.cout, t.width, 16) == "");
}

TEST_CASE("conv3x3 in tiles at awkward widths", "[bf16]") {
    for (int width : {1, 2, 3, 4, 5, 13, 17, 37, 63, 64, 65, 129, 150})
        check({16, 16, width}, 4);
}

TEST_CASE("conv3x3 in tiles at every kind of channel count", "[bf16]") {
    for (int channels : {8, 24, 32, 40, 48, 64, 96})
        check({channels, channels, 37}, 4);
    for (const auto &[cin, cout] : {std::pair{16, 48}, {32, 16}, {64, 16}, {8, 32}})
        check({cin, cout, 13}, 4);
}

TEST_CASE("conv3x3 in tiles finds its rows in the ring", "[bf16]") {
    for (int base : {0, 17, -30})
        for (int row0 : {-3, 0, 9})
            for (bool add : {false, true}) {
                Case t{16, 16, 9};
                t.add = add, t.base = base, t.row0 = row0;
                check(t, 16);
            }
}

TEST_CASE("conv3x3 in tiles adds before output_min, or ends in a PReLU", "[bf16]") {
    for (bool add : {false, true}) {
        Case plain{32, 32, 21};
        plain.add = add, plain.output_min = kNoOutputMin;
        check(plain, 8);
        Case prelu{16, 16, 21};
        prelu.add = add, prelu.prelu = true;
        check(prelu, 8);
    }
}

TEST_CASE("conv3x3 in tiles reads and writes strided views and nothing else", "[bf16]") {
    check({16, 16, 13}, 8, {2, 2, 1, 1, 0, 0});
    check({16, 16, 13}, 8, {1, 1, 0, 0, 16, 48});
    check({24, 24, 13}, 4, {2, 2, 1, 1, 0, 0});
    Case group{16, 16, 37};
    group.channel_total = 64;
    check(group, 4);
}

TEST_CASE("conv3x3 in tiles gives the same bytes in bands", "[bf16]") {
    for (int width : {5, 129})
        for (int channels : {16, 24, 64}) {
            Case t{channels, channels, width};
            t.row0 = -3, t.add = channels == 16;
            check_bands(t);
        }
}

TEST_CASE("conv3x3 in tiles gives the same bytes in every column", "[bf16]") {
    constexpr int kPeriod = 28, kWidth = 300;  // every place of a tile and of a strip
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    Case t{16, 16, kWidth};
    t.frame.period = kPeriod;
    OutputView output(t.cout, kWidth, 4);
    run(t, *target, output, 4);
    for (int x = kPeriod; x + kPeriod < kWidth - 4; x++)
        for (int c = 0; c < t.cout; c++)
            REQUIRE(output(c, x, 1) == output(c, x % kPeriod + kPeriod, 1));
}

// slimscale_amx runs so. The second run with jumps meets no trap.
TEST_CASE("tile instructions that are met by jumps give the same as those that are met by traps", "[bf16]") {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    const Case t{24, 40, 37};
    OutputView by_traps(t.cout, 40, 8), by_jumps(t.cout, 40, 8);
    run(t, *target, by_traps, 8);
    const long before = emulated_instructions();
    emulate_by_jumps(true);
    run(t, *target, by_jumps, 8);
    const long once = emulated_instructions() - before;
    CHECK(byte_difference(by_traps, by_jumps, t.cout, t.width, 8) == "");
    OutputView again(t.cout, 40, 8);
    run(t, *target, again, 8);
    CHECK(emulated_instructions() - before == 2 * once);
    CHECK(byte_difference(by_traps, again, t.cout, t.width, 8) == "");
    CHECK(again.guards_intact());
    emulate_by_jumps(false);
}

// A schedule that holds one accumulator loads two tiles for each product; with four, each loaded tile is used twice.
TEST_CASE("conv3x3 in tiles uses each tile that it loads twice", "[bf16]") {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    constexpr int kRows = 4;
    Case t{64, 64, 64};
    OutputView output(t.cout, t.width, kRows);
    const long before = emulated_instructions();
    run(t, *target, output, kRows);
    const long executed = emulated_instructions() - before;
    const long sums = 64 / 16 * (64 / 16) * kRows, products = sums * 9 * (64 / 32);
    if (executed > 0)  // else the processor has AMX itself
        CHECK(executed < 2 * products + 3 * sums);
}

}  // namespace
