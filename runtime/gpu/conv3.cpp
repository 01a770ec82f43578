#include "runtime/gpu/conv3.h"

#include <algorithm>

#include "runtime/executor/steps.h"
#include "runtime/plan/tile_chunk.h"

namespace slimscale::runtime::gpu {

namespace {

constexpr halide_type_t kFloat(halide_type_float, 32);

// The rows of one chunk, a group at a time.
struct ChunkCall : StepCall {
    ChunkCall(const StepCall &step, Rows chunk_rows, const TileChunk &tiles)
        : StepCall(step.e, step.s, chunk_rows), chunk(tiles) {}

    const TileChunk &chunk;

    int tile_rows() const { return (rows.end - rows.begin) / kTileRows; }

    // c, tx, ty, k, l of the chunk's rows.
    void view_tiles(BufferView &tiles, const unsigned char *memory, int channels, int64_t element) const {
        tiles.set(memory, kFloat,
                  {{0, channels, 1},
                   {0, chunk.columns, channels},
                   {0, tile_rows(), int64_t{channels} * chunk.columns},
                   {0, contract::kAlpha, element},
                   {0, contract::kAlpha, contract::kAlpha * element}},
                  e.device());
    }

    // The same tiles in one row, c, tile, f, including those that fill it up.
    void view_tile_row(BufferView &tiles, const unsigned char *memory, int channels, int64_t element) const {
        tiles.set(memory, kFloat,
                  {{0, channels, 1},
                   {0, round_up(chunk.columns * tile_rows(), contract::kTilesTogether), channels},
                   {0, contract::kElements, element}},
                  e.device());
    }
};

int transform_inputs(const ChunkCall &call, int pipeline, int group) {
    const slimscale_step &s = call.s;
    const TensorLayout &in = call.layout(s.inputs[0]);
    BufferView input, tiles;
    call.view_input(input, s.inputs[0], group * s.cin, s.cin);
    call.view_tiles(tiles, call.e.chunk, s.cin, call.chunk.input_element);
    Arguments arguments(call.context());
    arguments.input[0] = input.get();
    arguments.base[0] = in.base;
    arguments.ring[0] = in.ring;
    arguments.height = in.height;
    arguments.row0 = call.rows.begin;
    arguments.output = tiles.get();
    return call.run(pipeline, {winograd_of(call.key().pipeline).input, call.key().target}, arguments);
}

int multiply(const ChunkCall &call, int pipeline, const float *weights) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.e.filters->winograd(s.filter);
    const int64_t blocks = contract::filter_blocks(s.cout, kDeviceFilterBlock);
    BufferView inputs, filter, products;
    call.view_tile_row(inputs, call.e.chunk, s.cin, call.chunk.input_element);
    call.view(filter, weights,
              {{0, kDeviceFilterBlock, 1},
               {0, s.cin, kDeviceFilterBlock},
               {0, blocks, f.block},
               {0, contract::kElements, f.element}});
    call.view_tile_row(products, call.e.chunk + call.chunk.products, s.cout, call.chunk.output_element);
    Arguments arguments(call.context());
    arguments.input[0] = inputs.get();
    arguments.filter = filter.get();
    arguments.output = products.get();
    return call.run(pipeline, {winograd_of(call.key().pipeline).product, call.key().target}, arguments);
}

int transform_outputs(const ChunkCall &call, int pipeline, int group, int phase, const PackedFilter &filter) {
    const slimscale_step &s = call.s;
    BufferView products, bias, slope, add, output;
    call.view_tiles(products, call.e.chunk + call.chunk.products, s.cout, call.chunk.output_element);
    call.view(bias, filter.bias + phase * filter.bias_phase + group * s.cout, {{0, s.cout, 1}});
    Arguments arguments(call.context());
    arguments.products = products.get();
    arguments.bias = bias.get();
    if (s.prelu) {
        call.view(slope, filter.slope + group * s.cout, {{0, s.cout, 1}});
        arguments.slope = slope.get();
    } else {
        arguments.output_min = call.output_min();
    }
    if (s.add >= 0) {
        call.add_tensor(add, group * s.cout, s.cout, arguments);
        arguments.row0 = call.rows.begin;
    }
    call.view_output(output, group * s.cout, s.cout, phase);
    arguments.output = output.get();
    return call.run(pipeline, {winograd_of(call.key().pipeline).output, call.key().target}, arguments);
}

// Runs a chunk in three launches, of which the first is done once for all phases of a shuffle.
int run_chunk(const ChunkCall &call, const slimscale_winograd &three, int group) {
    const slimscale_step &s = call.s;
    const PackedFilter &filter = call.e.filters->winograd(s.filter);
    int status = transform_inputs(call, three.input, group);
    for (int phase = 0; phase < s.shuffle * s.shuffle && status == 0; phase++) {
        status = multiply(call, three.product, filter.weights + phase * filter.phase + group * filter.group);
        if (status == 0)
            status = transform_outputs(call, three.output, group, phase, filter);
    }
    return status;
}

int run_chunks(const StepCall &call, const slimscale_winograd &three) {
    const TileChunk chunk = tile_chunk(call.s, call.e.tensors, call.e.frame);
    const int rows = chunk.rows * kTileRows;
    int status = 0;
    for (int begin = call.rows.begin; begin < call.rows.end && status == 0; begin += rows)
        for (int group = 0; group < call.s.groups && status == 0; group++)
            status = run_chunk(ChunkCall(call, {begin, std::min(begin + rows, call.rows.end)}, chunk), three, group);
    return status;
}

}  // namespace

int conv3(const StepCall &call) {
    const slimscale_winograd *three = winograd_of(*call.e.target, call.s);
    return three ? run_chunks(call, *three) : run_apart(call);
}

}  // namespace slimscale::runtime::gpu
