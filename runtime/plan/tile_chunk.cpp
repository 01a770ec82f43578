#include "runtime/plan/tile_chunk.h"

#include <algorithm>

#include "contract/layout.h"

namespace slimscale::runtime {

namespace {

using contract::kElements;

size_t element_bytes(int64_t values) {
    return round_up(static_cast<size_t>(values) * kElements * sizeof(float), kAlignment);
}

TileChunk chunk_of(const slimscale_step &s, int columns, int rows) {
    const int64_t tiles =
        (int64_t{columns} * rows + contract::kTilesTogether - 1) / contract::kTilesTogether * contract::kTilesTogether;
    TileChunk chunk{columns, rows, tiles * s.cin, tiles * s.cout, 0, 0};
    chunk.products = element_bytes(chunk.input_element);
    chunk.bytes = chunk.products + element_bytes(chunk.output_element);
    return chunk;
}

}  // namespace

TileChunk tile_chunk(const slimscale_step &s, const TensorLayout *tensors, const FrameLayout &frame) {
    const TensorLayout &in = tensors[s.inputs[0]];
    const int columns = round_up(in.width, kTileRows) / kTileRows;
    const int band_rows = frame.band_rows * s.input_scale;
    const int most_rows = band_rows > 0 ? band_rows : round_up(in.height + kTileRows - 1, kTileRows);
    const size_t row_bytes = chunk_of(s, columns, 1).bytes;
    const auto rows = static_cast<int>(std::min<size_t>(contract::kChunkBytes / row_bytes, 1 << 16));
    return chunk_of(s, columns, std::min(std::max(rows, 1), most_rows / kTileRows));
}

const slimscale_winograd *winograd_of(const slimscale_compiled_target &target, const slimscale_step &step) {
    if (!target.winograd || target.winograd[step.pipeline].input < 0)
        return nullptr;
    return &target.winograd[step.pipeline];
}

size_t chunk_bytes(const slimscale_network_plan &plan, const slimscale_compiled_target &target,
                   const TensorLayout *tensors, const FrameLayout &frame) {
    size_t most = 0;
    for (int i = 0; i < plan.step_count; i++)
        if (winograd_of(target, plan.steps[i]))
            most = std::max(most, tile_chunk(plan.steps[i], tensors, frame).bytes);
    return most;
}

}  // namespace slimscale::runtime
