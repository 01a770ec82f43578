// Computes where the tensors of a plan lie for one frame size. This is pure arithmetic and is tested on its own.
//
// In bands, the plan runs as a wavefront: each step handles `band_rows` rows per band, and each 3x3 lags its producer
// by one row (a collapsed tail by two), so that band n of a step with lag g covers the rows [n*B - g, (n+1)*B - g) of
// its grid. A tensor is a ring of rows: frame row y lies at (y + base) % ring. A ring holds what is still read and a
// band, in whole tiles: where a band's rows wrap around it, the step runs in two calls. As a whole frame, every step
// runs once over all rows, and tensors share memory when their lives do not overlap. Either way a step's grid of 4-row
// tiles is anchored at row -g (mod 4), and so gives the same bytes.
//
// Row `ring` of a tensor is always zero: what 3x3 pipelines read above and below the frame. Column -1 and the columns
// from the frame's width to round_up(width, 4) + 1 are zero as well; those beyond are read but never used.
#pragma once

#include <cstddef>
#include <cstdint>

#include "contract/layout.h"
#include "contract/model.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

constexpr int kTileRows = contract::kTile;

// Rows of an upscaled image in colors that are kept before a band's own: what chroma is averaged over when it is stored
// (frames/resampling.h).
constexpr int kStoreHistory = 8;

// One tensor of a plan in the workspace: a ring of rows of c, x with c innermost. Offsets are relative to the
// workspace, which FramePlan owns.
struct TensorLayout {
    int width, height;   // pixels of this tensor's resolution
    int lag;             // rows behind the input, at this resolution
    int base, ring;      // row y lies at (y + base) % ring
    int value_bytes;     // 4: f32, 2: f16
    int64_t pixel, row;  // strides in values
    size_t offset;       // bytes from the workspace's start, of column -1 in row 0
    size_t bytes;
    int first;      // index of the step that writes it; -1: the loading of the image
    int last;       // index of the step that reads it last
    int slot_last;  // whole frames: index of the last step that reads this tensor's memory, over all tensors that
                    // share it; -1 if an earlier tensor already had that memory
};

// Columns from the frame's width on that are zero: whole tiles, and the two that a collapsed tail reads behind them.
inline int zero_columns(const TensorLayout &layout) {
    return round_up(layout.width, kTileRows) + contract::kZeroColumns - layout.width;
}

// The layout of one frame size for one width.
struct FrameLayout {
    int width, height;       // of the input
    int band_rows;           // input rows per band; 0: whole frame
    int bands;               // how many bands cover the frame (1 for a whole frame)
    size_t workspace_bytes;  // of the activations
};

// Fills `tensors` (plan.tensor_count entries). band_rows: a multiple of 4, or 0 for the whole frame. activation_bytes:
// as in slimscale_compiled_target.
FrameLayout lay_out(const slimscale_network_plan &plan, int width, int height, int band_rows, int activation_bytes,
                    TensorLayout *tensors);

// Rows of a step's grid that band `band` computes: [begin, end), begin = -grid_lag (mod 4), whole tiles that touch the
// frame.
struct Rows {
    int begin, end;
    bool empty() const { return begin >= end; }
};
Rows step_rows(const slimscale_step &step, const TensorLayout *tensors, const FrameLayout &frame, int band);

// The first of `rows`, up to the one where the ring of the step's output wraps around.
Rows in_one_piece(const slimscale_step &step, const TensorLayout *tensors, Rows rows);

// Lag of the grid that a step computes on, in rows of its input's resolution.
int grid_lag(const slimscale_step &step, const TensorLayout *tensors);

}  // namespace slimscale::runtime
