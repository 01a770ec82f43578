#include "runtime/cpu/bands.h"

#include <algorithm>

#include "runtime/plan/layout.h"

namespace slimscale::runtime::cpu {

namespace {

// Chooses the rows per band if the caller leaves them open. Small tensors fit a shared cache as a whole, and short
// bands would only add stages, so bands are tall. For larger tensors a band has 8 rows, or as many as make a quarter of
// a megabyte, so that what a thread writes is still in its own L2 cache when it reads it. docs/decisions/0030 has the
// measurements, EDSR with 8 blocks on two Zen 4 threads.
constexpr size_t kSmallTensor = 4 << 20;
constexpr size_t kTallBand = 1 << 20, kBandBytes = 256 << 10;  // of one tensor, at least
constexpr int kLeastRows = 8;
constexpr int kTasksPerWorker = 4;
constexpr int kStripColumns = 128;  // of a convolution's task of 4 rows, at most; other pipelines' tasks are rows

}  // namespace

int preferred_band_rows(const slimscale_network_plan &plan, int width, int height, int workers) {
    const size_t row_bytes = static_cast<size_t>(width) * static_cast<size_t>(plan.channels) * sizeof(float);
    const auto rows_of = [&](size_t bytes) { return static_cast<int>(std::min<size_t>(bytes / row_bytes, 1 << 16)); };
    const bool small = row_bytes * static_cast<size_t>(height) <= kSmallTensor;
    const int strips = (width + kStripColumns - 1) / kStripColumns;
    const int tile_rows = (kTasksPerWorker * workers + strips - 1) / strips;
    const int rows = rows_of(small ? kTallBand : kBandBytes);
    return round_up(std::max({kLeastRows, rows, tile_rows * kTileRows, workers}), kTileRows);
}

}  // namespace slimscale::runtime::cpu
