#include "runtime/cpu/bands.h"

#include <algorithm>
#include <numeric>

#include "runtime/plan/layout.h"

namespace slimscale::runtime::cpu {

namespace {

// Chooses the rows per band if the caller leaves them open. Small tensors fit a shared cache as a whole, and short
// bands would only add stages, so bands are tall. For larger tensors a band has 8 rows, or as many as make a quarter of
// a megabyte, so that what a thread writes is still in its own L2 cache when it reads it; from 32 channels on 16 rows,
// since two threads of one core lose more by the ends of short stages than they gain. docs/decisions/0067 has the
// measurements, EDSR with 8 blocks on two Zen 4 threads.
constexpr size_t kSmallTensor = 4 << 20;
constexpr size_t kTallBand = 1 << 20, kBandBytes = 256 << 10;  // of one tensor, at least
constexpr int kLeastRows = 8, kLeastRowsOfMany = 16, kManyChannels = 32;
constexpr int kTasksPerWorker = 4;
constexpr int kStripColumns = 128;  // of a convolution's task of 4 rows, at most; other pipelines' tasks are rows

// As many rows of tiles that the tasks of a band can be shared out evenly, where that is less than twice as many.
int shared_out(int tile_rows, int strips, int workers) {
    const int step = workers / std::gcd(strips, workers);
    return step <= tile_rows ? round_up(tile_rows, step) : tile_rows;
}

}  // namespace

int preferred_band_rows(const slimscale_network_plan &plan, const BandShape &shape) {
    const size_t row_bytes =
        static_cast<size_t>(shape.width) * static_cast<size_t>(plan.channels * shape.activation_bytes);
    const auto rows_of = [&](size_t bytes) { return static_cast<int>(std::min<size_t>(bytes / row_bytes, 1 << 16)); };
    const bool small = row_bytes * static_cast<size_t>(shape.height) <= kSmallTensor;
    const int strips = (shape.width + kStripColumns - 1) / kStripColumns;
    const int tile_rows = (kTasksPerWorker * shape.workers + strips - 1) / strips;
    const int least = plan.channels < kManyChannels ? kLeastRows : kLeastRowsOfMany;
    const int rows = std::max({least, rows_of(small ? kTallBand : kBandBytes), tile_rows * kTileRows, shape.workers});
    return shared_out(round_up(rows, kTileRows) / kTileRows, strips, shape.workers) * kTileRows;
}

}  // namespace slimscale::runtime::cpu
