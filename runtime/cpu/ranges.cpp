#include "runtime/cpu/ranges.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "contract/value_bins.h"
#include "contract/winograd.h"
#include "runtime/filters/quantized.h"
#include "runtime/plan/steps.h"

namespace slimscale::runtime {

namespace {

constexpr int kSide = contract::kAlpha;  // side of a tile's inputs, pixels
constexpr int kLanes = 16;               // channels transformed side by side
static_assert(kTileRows == contract::kTile && kSide * kSide == kQ16Elements, "one range per Winograd-domain element");

using Tile = float[kSide][kSide][kLanes];  // inputs: row, column, channel; transformed: l, k, channel

// V = B^T d B.
void transform(const Tile &d, Tile &v) {
    Tile half;
    for (int l = 0; l < kSide; l++)
        for (int x = 0; x < kSide; x++)
            for (int c = 0; c < kLanes; c++) {
                float sum = 0;
                for (int y = 0; y < kSide; y++)
                    sum += static_cast<float>(winograd::kBt[l][y]) * d[y][x][c];
                half[l][x][c] = sum;
            }
    for (int l = 0; l < kSide; l++)
        for (int k = 0; k < kSide; k++)
            for (int c = 0; c < kLanes; c++) {
                float sum = 0;
                for (int x = 0; x < kSide; x++)
                    sum += static_cast<float>(winograd::kBt[k][x]) * half[l][x][c];
                v[l][k][c] = sum;
            }
}

// The result for one row of tiles or pixels. Channels that pad a tile are zero, so they raise no range and exceed no
// limit.
struct Found {
    float most[kQ16Elements] = {};
    float most_before = 0;  // of values before a transform
    uint64_t saturated = 0;
    int not_finite = 0;

    void add(const float *values, int count, int element, const float *limits) {
        const float limit = limits ? limits[element] : FLT_MAX;
        float &largest = most[element];
        int beyond = 0;
        for (int i = 0; i < count; i++) {
            const float magnitude = std::fabs(values[i]);
            largest = magnitude > largest ? magnitude : largest;
            beyond += magnitude > limit;
            not_finite += !(magnitude <= FLT_MAX);
        }
        saturated += static_cast<uint64_t>(beyond);
    }

    void add_before(const Tile &d) {
        for (const auto &row : d)
            for (const auto &pixel : row)
                for (const float value : pixel)
                    most_before = std::max(most_before, std::fabs(value));
    }

    void add(const Tile &v, const float *limits) {
        for (int f = 0; f < kQ16Elements; f++)
            add(v[f / kSide][f % kSide], kLanes, f, limits);
    }
};

// The rows of tiles or pixels of one step. The results of all workers are merged into the probe.
struct ProbedRows {
    const Execution *e;
    const slimscale_step *step;
    RangeProbe *probe;
    float *ranges;  // of the step's filter
    const float *limits;
};

// Row y as the pipelines read it, from column -1; rows outside the frame are the zero row.
const float *input_row(const Execution &e, const TensorLayout &l, int y) {
    const int64_t row = y < 0 || y >= l.height ? l.ring : (y + l.base) % l.ring;
    return reinterpret_cast<const float *>(e.workspace + l.offset) + row * l.row;
}

void widen(float &range, float value) {
    float before;
    __atomic_load(&range, &before, __ATOMIC_RELAXED);
    while (value > before &&
           !__atomic_compare_exchange(&range, &before, &value, /*weak=*/true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

void merge(const ProbedRows &work, const Found &found, int values) {
    for (int f = 0; work.ranges && f < kQ16Elements; f++)
        widen(work.ranges[f], found.most[f]);
    if (work.ranges)
        widen(work.probe->largest, found.most_before);
    __atomic_fetch_add(&work.probe->saturated, found.saturated, __ATOMIC_RELAXED);
    __atomic_fetch_add(&work.probe->total, static_cast<uint64_t>(values), __ATOMIC_RELAXED);
    if (found.not_finite > 0)
        __atomic_store_n(&work.probe->finite, false, __ATOMIC_RELAXED);
}

void probe_tiles(const ProbedRows &work, int row) {
    const slimscale_step &s = *work.step;
    const TensorLayout &l = work.e->tensors[s.inputs[0]];
    const int channels = s.groups * s.cin, tiles = round_up(l.width, contract::kTile) / contract::kTile;
    const float *rows[kSide];
    for (int y = 0; y < kSide; y++)
        rows[y] = input_row(*work.e, l, row - 1 + y);
    Found found;
    for (int tile = 0; tile < tiles; tile++)
        for (int first = 0; first < channels; first += kLanes) {
            Tile d = {}, v;
            const int lanes = std::min(kLanes, channels - first);
            for (int y = 0; y < kSide; y++)
                for (int x = 0; x < kSide; x++)  // the tile's column -1 lies at the row's first
                    std::copy_n(rows[y] + (tile * contract::kTile + x) * l.pixel + first, lanes, d[y][x]);
            found.add_before(d);
            transform(d, v);
            found.add(v, work.limits);
        }
    merge(work, found, tiles * channels * kQ16Elements);
}

void probe_pixels(const ProbedRows &work, int y) {
    const slimscale_step &s = *work.step;
    const int channels = s.groups * s.cin;
    Found found;
    int values = 0;
    for (int i = 0; i < s.input_count; i++) {
        const TensorLayout &l = work.e->tensors[s.inputs[i]];
        const float *row = input_row(*work.e, l, y) + l.pixel;
        for (int x = 0; x < l.width; x++)
            found.add(row + x * l.pixel, channels, 0, work.limits);
        values += l.width * channels;
    }
    found.most_before = found.most[0];
    merge(work, found, values);
}

// Columns beyond the frame, which only complete the last tile, are not counted.
void count_values(const ProbedRows &work, uint64_t *counts, int y) {
    const slimscale_step &s = *work.step;
    const TensorLayout &l = work.e->tensors[s.inputs[0]];
    const float *row = input_row(*work.e, l, y) + l.pixel;
    const int channels = s.groups * s.cin;
    uint32_t found[contract::kValueBins] = {};
    for (int x = 0; x < l.width; x++)
        for (int c = 0; c < channels; c++)
            found[contract::value_bin(row[x * l.pixel + c])]++;
    for (int bin = 0; bin < contract::kValueBins; bin++)
        if (found[bin] > 0)
            __atomic_fetch_add(&counts[bin], found[bin], __ATOMIC_RELAXED);
}

}  // namespace

void probe_step(const Execution &e, const slimscale_step &step, Rows rows, RangeProbe &probe) {
    const ptrdiff_t filter = static_cast<ptrdiff_t>(step.filter) * kQ16Elements;
    ProbedRows work{&e, &step, &probe, nullptr, nullptr};
    if (probe.ranges)
        work.ranges = probe.ranges + filter;
    if (probe.limits)
        work.limits = probe.limits + filter;
    const bool pointwise = facts_of(step).kernel == 1;
    // Rows beyond the frame only complete the last tile.
    const Rows in_frame{std::max(rows.begin, 0), std::min(rows.end, e.tensors[step.inputs[0]].height)};
    for (int y = in_frame.begin; y < in_frame.end; y++)
        if (pointwise)
            probe_pixels(work, y);
        else if (probe.counts)
            count_values(work, probe.counts + static_cast<ptrdiff_t>(step.filter) * contract::kValueBins, y);
    for (int y = rows.begin; !pointwise && y < rows.end; y += kTileRows)
        probe_tiles(work, y);
}

}  // namespace slimscale::runtime
