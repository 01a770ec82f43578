// 1x1 convolutions of bf16 in AMX tiles, over 1 to 4 concatenated tensors, give exactly what plain loops give that add
// as the tile instructions do; on processors without AMX these are executed in software (tests/emulation/amx.h).
#include <algorithm>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

#include "tests/blocks/compare.h"
#include "tests/blocks/tiles.h"
#include "tests/catch.h"
#include "tests/emulation/amx.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

struct Case {
    int cin, cout, segments, width;
    bool add = false;
    int gap = 8;  // filter inputs between segments, which a narrow width leaves out
    int height = 11, row0 = 0;
    float output_min = 0;
    int period = 0;  // of the frames' columns
    Layer layer{(cin + gap) * segments, cout, 1};
    Frame addend{cout, width, height, 90};

    int segment_stride() const { return cin + gap; }
    Frame frame(int segment) const { return {cin, width, height, 10 + static_cast<uint32_t>(segment), period}; }
    std::string name() const {
        return std::string("conv1x1_") + (add ? "add_" : "") + std::to_string(cin) + "_" + std::to_string(cout) + "_n" +
               std::to_string(segments);
    }

    // As the tile instructions add: steps of 16 or 32 input channels of a segment, then segments.
    float sum(int c, int x, int y) const {
        const int padded = round_up(cin, 16), step = padded % 32 == 0 ? 32 : 16;
        float all = 0;
        for (int s = 0; s < segments; s++)
            for (int first = 0; first < padded; first += step) {
                TileChains chains;
                for (int i = first; i < std::min(first + step, cin); i++)
                    chains.add(i, rounded_bf16(frame(s).at(i, x, y + row0)),
                               rounded_bf16(layer.weight(c, s * segment_stride() + i, 0, 0)));
                all += chains.sum();
            }
        return all;
    }

    double expected(int c, int x, int y) const {
        float value = sum(c, x, y) + layer.bias(c);
        if (add)
            value += rounded_bf16(addend.at(c, x, y + row0));
        return rounded_bf16(std::max(value, output_min));
    }
    // Compilers may add the addend first, so that a value may be rounded to the next.
    Tolerance tolerance() const { return add ? Tolerance{1e-4, 1. / 128} : Tolerance{0, 0}; }
};

// The rows of a segment that one call reads, in a view of a wider tensor.
struct Segment {
    explicit Segment(const Case &t, int segment, int row0)
        : ring(t.frame(segment), 12 + segment, 7 * segment - 11, row0, segment % 2 * 8, t.cin + 8),
          activations{ring.buffer()} {}

    RingTensor ring;
    Activations activations;
};

template <size_t... K>
void call_with(const Case &t, const TestTarget &target, int row0, Buffer3 output, std::index_sequence<K...>) {
    const std::unique_ptr<Segment> segments[] = {std::make_unique<Segment>(t, static_cast<int>(K), row0)...};
    auto filter = paired(t.layer);
    auto bias = bias_buffer(t.layer);
    RingTensor addend(t.addend, 16, 5, row0);
    Activations added{addend.buffer()}, out{output};
    auto inputs = std::tuple_cat(std::tuple<Activations &, int &, int &>(
        segments[K]->activations, segments[K]->ring.base, segments[K]->ring.ring)...);
    std::apply(
        [&](auto &...in) {
            if (t.add)
                call(t.name(), target, in..., row0, filter, t.segment_stride(), bias, t.output_min, added, addend.base,
                     addend.ring, out);
            else
                call(t.name(), target, in..., row0, filter, t.segment_stride(), bias, t.output_min, out);
        },
        inputs);
    CHECK_FALSE(holds_tiles());  // a call leaves no configuration behind
}

// Computes `output` in bands of `rows_per_call` rows.
void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        switch (t.segments) {
        case 1:
            call_with(t, target, t.row0 + row, part, std::make_index_sequence<1>());
            break;
        case 2:
            call_with(t, target, t.row0 + row, part, std::make_index_sequence<2>());
            break;
        case 3:
            call_with(t, target, t.row0 + row, part, std::make_index_sequence<3>());
            break;
        case 4:
            call_with(t, target, t.row0 + row, part, std::make_index_sequence<4>());
            break;
        }
    }
}

void check(const Case &t, int rows, OutputView::Strides strides = {}) {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    CAPTURE(t.name(), t.width, t.row0);
    OutputView output(t.cout, round_up(t.width, 4), rows, strides);
    run(t, *target, output, rows);
    const int first = std::max(0, -t.row0), last = std::min(rows, t.height - t.row0) - 1;
    CHECK(difference(
              output, [&](int c, int x, int y) { return t.expected(c, x, y); }, t.cout, t.width, first, last,
              t.tolerance()) == "");
    CHECK(output.guards_intact());
}

TEST_CASE("conv1x1 in tiles over 1 to 4 segments", "[bf16]") {
    for (int segments : {1, 2, 3, 4})
        check({16, 16, segments, 13}, 4);
    for (int segments : {1, 4})
        check({64, 64, segments, 37}, 4);
}

TEST_CASE("conv1x1 in tiles at every kind of channel count", "[bf16]") {
    for (int channels : {8, 24, 32, 40, 48, 96})
        check({channels, channels, channels < 40 ? 4 : 2, 37}, 4);
    for (const auto &[cin, cout] : {std::pair{16, 48}, {64, 16}, {8, 32}, {24, 8}})
        check({cin, cout, 3, 13}, 4);
}

TEST_CASE("conv1x1 in tiles at awkward widths and rows", "[bf16]") {
    for (int width : {1, 2, 3, 4, 5, 37, 63, 64, 65, 129})
        check({16, 16, 2, width}, 4);
    for (int row0 : {-3, 0, 6}) {
        Case t{24, 24, 2, 13};
        t.row0 = row0;
        check(t, 8);
    }
}

TEST_CASE("conv1x1 in tiles reads segments that lie as close or as far apart as a width has them", "[bf16]") {
    for (int gap : {0, 8, 40})
        check({24, 24, 4, 13, false, gap}, 4);
}

TEST_CASE("conv1x1 in tiles adds before output_min, into strided views", "[bf16]") {
    for (float output_min : {0.f, -std::numeric_limits<float>::infinity()})
        for (bool add : {false, true}) {
            Case t{16, 16, 1, 13, add};
            t.output_min = output_min;
            check(t, 8, {2, 2, 1, 0, 0, 0});
            check(t, 8, {1, 1, 0, 0, 16, 40});
        }
}

TEST_CASE("conv1x1 in tiles gives the same bytes in bands", "[bf16]") {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    for (int channels : {16, 24, 64}) {
        Case t{channels, channels, 2, 129, channels == 16};
        OutputView whole(channels, 132, 8), bands(channels, 132, 8);
        run(t, *target, whole, 8);
        run(t, *target, bands, 4);
        CHECK(byte_difference(whole, bands, channels, t.width, 8) == "");
    }
}

TEST_CASE("conv1x1 in tiles gives the same bytes in every column", "[bf16]") {
    constexpr int kPeriod = 28, kWidth = 300;  // every place of a tile and of a strip
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    Case t{16, 16, 2, kWidth};
    t.period = kPeriod;
    OutputView output(t.cout, kWidth, 4);
    run(t, *target, output, 4);
    for (int x = kPeriod; x < kWidth; x++)
        for (int c = 0; c < t.cout; c++)
            REQUIRE(output(c, x, 1) == output(c, x % kPeriod + kPeriod, 1));
}

// A schedule that holds one accumulator loads two tiles for each product; with four, each loaded tile is used twice.
TEST_CASE("conv1x1 in tiles uses each tile that it loads twice", "[bf16]") {
    const TestTarget *target = target_for_tiles();
    if (!target)
        return;
    constexpr int kRows = 4;
    Case t{64, 64, 4, 64};
    OutputView output(t.cout, t.width, kRows);
    const long before = emulated_instructions();
    run(t, *target, output, kRows);
    const long executed = emulated_instructions() - before;
    const long sums = 64 / 16 * (64 / 16) * kRows, products = sums * 4 * (64 / 32);
    if (executed > 0)  // else the processor has AMX itself
        CHECK(executed < 2 * products + 3 * sums);
}

}  // namespace
