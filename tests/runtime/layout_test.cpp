#include "runtime/plan/layout.h"

#include <set>
#include <vector>

#include "contract/operation.h"
#include "tests/catch.h"

using namespace slimscale::runtime;
using slimscale::contract::Operation;

namespace {

slimscale_step step(Operation kind, std::vector<int> inputs, int output, int add = -1, int shuffle = 1,
                    int input_scale = 1) {
    slimscale_step s{};
    s.kind = static_cast<int>(kind);
    s.input_count = static_cast<int>(inputs.size());
    for (size_t i = 0; i < inputs.size(); i++)
        s.inputs[i] = inputs[i];
    s.output = output;
    s.add = add;
    s.groups = 1;
    s.shuffle = shuffle;
    s.input_scale = input_scale;
    return s;
}

// A residual block between head and upsampler, x2.
struct SmallPlan {
    std::vector<slimscale_tensor> tensors{{3, 1, 3}, {16, 1, 3}, {16, 1, 3}, {16, 1, 3}, {16, 2, 3}, {3, 2, 3}};
    std::vector<slimscale_step> steps{
        step(Operation::head, {0}, 1),
        step(Operation::conv3x3, {1}, 2),
        step(Operation::conv3x3, {2}, 3, /*add=*/1),
        step(Operation::conv3x3, {3}, 4, -1, /*shuffle=*/2),
        step(Operation::tail, {4}, 5, -1, 1, /*input_scale=*/2),
    };
    slimscale_network_plan plan() const {
        return {16, static_cast<int>(tensors.size()), static_cast<int>(steps.size()), 0, tensors.data(), steps.data()};
    }
};

}  // namespace

TEST_CASE("each 3x3 lags its producer by a row, and a shuffle multiplies the lag") {
    const SmallPlan p;
    TensorLayout t[6];
    const FrameLayout frame = lay_out(p.plan(), 10, 50, 8, sizeof(float), t);
    const int lags[] = {0, 1, 2, 3, 8, 9};
    for (int i = 0; i < 6; i++)
        CHECK(t[i].lag == lags[i]);
    CHECK(frame.bands == (2 * 50 + 9 + 15) / 16);
    CHECK(t[1].ring == 12);  // a band, and a tile for the two rows before it that the 3x3 and the residual add read
    CHECK(t[4].ring == 24);  // the same at twice the resolution, where a tile has eight rows
    CHECK(t[5].ring == 24);  // a band, and rows that chroma is averaged over
    CHECK(t[0].ring == 16);  // loaded in whole bands
    for (const TensorLayout &l : t)
        CHECK(l.base == l.lag);
}

TEST_CASE("a collapsed tail lags by two rows, before its shuffle") {
    const slimscale_tensor tensors[] = {{3, 1, 3}, {16, 1, 3}, {3, 3, 3}};
    const slimscale_step steps[] = {step(Operation::head, {0}, 1),
                                    step(Operation::collapsed_tail, {1}, 2, -1, /*shuffle=*/3)};
    const slimscale_network_plan plan{16, 3, 2, 0, tensors, steps};
    TensorLayout t[3];
    const FrameLayout frame = lay_out(plan, 10, 50, 4, sizeof(float), t);
    CHECK(t[1].lag == 1);
    CHECK(t[2].lag == 9);
    CHECK(t[1].ring == 8);  // a band, and the four rows before it: two of lag, two above the first
    CHECK(frame.bands == (3 * 50 + 9 + 11) / 12);
    CHECK(zero_columns(t[1]) == 12 + 2 - 10);
}

TEST_CASE("over all bands every step covers each row of the frame once, in whole tiles at one anchor") {
    const SmallPlan p;
    for (int height : {1, 2, 3, 4, 5, 16, 17, 50, 131})
        for (int band_rows : {0, 4, 8, 16, 64}) {
            TensorLayout t[6];
            const FrameLayout frame = lay_out(p.plan(), 7, height, band_rows, sizeof(float), t);
            for (const slimscale_step &s : p.steps) {
                std::multiset<int> rows;
                for (int band = 0; band < frame.bands; band++) {
                    const Rows r = step_rows(s, t, frame, band);
                    if (r.empty())
                        continue;
                    CHECK((r.end - r.begin) % kTileRows == 0);
                    CHECK((r.begin + grid_lag(s, t)) % kTileRows == 0);
                    CHECK(r.begin > -kTileRows);
                    CHECK(r.end < height * s.input_scale + kTileRows);
                    for (int y = r.begin; y < r.end; y++)
                        rows.insert(y);
                }
                INFO("height " << height << " bands of " << band_rows);
                for (int y = 0; y < height * s.input_scale; y++)
                    CHECK(rows.count(y) == 1);
            }
        }
}

TEST_CASE("no call's writes wrap, and what a band reads is still in the ring") {
    const SmallPlan p;
    for (int band_rows : {0, 4, 8, 12, 16}) {
        TensorLayout t[6];
        const FrameLayout frame = lay_out(p.plan(), 7, 45, band_rows, sizeof(float), t);
        std::vector<std::vector<int>> held(6);  // the frame row in each ring row
        for (int i = 0; i < 6; i++)
            held[static_cast<size_t>(i)].assign(static_cast<size_t>(t[i].ring), -1000);
        const auto write = [&](int tensor, int begin, int end) {
            CHECK((begin + t[tensor].base) % t[tensor].ring + end - begin <= t[tensor].ring);
            for (int y = begin; y < end; y++)
                held[static_cast<size_t>(tensor)][static_cast<size_t>((y + t[tensor].base) % t[tensor].ring)] = y;
        };
        const auto read = [&](int tensor, int y) {
            if (y < 0 || y >= t[tensor].height)
                return;
            CHECK(held[static_cast<size_t>(tensor)][static_cast<size_t>((y + t[tensor].base) % t[tensor].ring)] == y);
        };
        for (int band = 0; band < frame.bands; band++) {
            const int loaded = band_rows ? band_rows : frame.height;
            for (int y = band * loaded; y < std::min((band + 1) * loaded, frame.height); y++)
                write(0, y, y + 1);
            for (const slimscale_step &s : p.steps) {
                const Rows r = step_rows(s, t, frame, band);
                if (r.empty())
                    continue;
                for (int y = r.begin; y < r.end; y++) {
                    if (y < 0 || y >= frame.height * s.input_scale)
                        continue;
                    for (int k = -1; k <= 1; k++)
                        read(s.inputs[0], y + k);
                    if (s.add >= 0)
                        read(s.add, y);
                }
                for (Rows left = r; !left.empty();) {
                    const Rows piece = in_one_piece(s, t, left);
                    REQUIRE(piece.begin == left.begin);
                    REQUIRE(!piece.empty());
                    CHECK((piece.end - piece.begin) % kTileRows == 0);
                    write(s.output, piece.begin * s.shuffle, piece.end * s.shuffle);
                    left.begin = piece.end;
                }
            }
        }
    }
}

TEST_CASE("whole frames share memory between tensors that are not alive together") {
    // Two residual blocks: when the second one's sum is written, the first one's inner tensor is no longer read.
    const slimscale_tensor tensors[] = {{3, 1, 3}, {16, 1, 3}, {16, 1, 3}, {16, 1, 3}, {16, 1, 3}, {16, 1, 3}};
    const slimscale_step steps[] = {
        step(Operation::head, {0}, 1),
        step(Operation::conv3x3, {1}, 2),
        step(Operation::conv3x3, {2}, 3, /*add=*/1),
        step(Operation::conv3x3, {3}, 4),
        step(Operation::conv3x3, {4}, 5, /*add=*/3),
    };
    const slimscale_network_plan plan{16, 6, 5, 0, tensors, steps};
    TensorLayout t[6];
    const FrameLayout whole = lay_out(plan, 64, 64, 0, sizeof(float), t);
    CHECK(t[3].offset != t[1].offset);  // the residual is still read by the step that writes 3
    CHECK(t[3].offset != t[2].offset);
    CHECK((t[4].offset == t[1].offset || t[4].offset == t[2].offset));
    CHECK(whole.workspace_bytes == t[0].bytes + 3 * t[1].bytes);
}

TEST_CASE("rows are no multiple of 4 KB apart") {
    const slimscale_tensor tensors[] = {{3, 1, 3}, {64, 1, 3}};
    const slimscale_step steps[] = {step(Operation::head, {0}, 1)};
    const slimscale_network_plan plan{64, 2, 1, 0, tensors, steps};
    for (int width = 1; width < 300; width++) {
        TensorLayout t[2];
        lay_out(plan, width, 8, 4, sizeof(float), t);
        CHECK(t[1].row * 4 % 4096 != 0);
    }
}
