// The first of the three pipelines of Winograd's F(4x4, 3x3) on GPUs: it transforms the 6x6 pixels of every tile. Tile
// (tx, ty) starts at column 4*tx and output row 4*ty, wherever the rows lie in the frame.
#include "generators/blocks/common.h"
#include "generators/blocks/winograd_transforms.h"
#include "schedules/gpu/winograd.h"

namespace {

using namespace Halide;
using namespace slimscale;

class WinogradInput : public Generator<WinogradInput> {
public:
    GeneratorParam<int> cin_{"cin", 128};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Output<Buffer<float, 5>> output_{"output"};  // c, tx, ty, k, l

    void configure() { input_.set_type(blocks::type_of(storage_)); }

    void generate() {
        using blocks::Six;
        Func &pixels = stages_.pixels, &columns = stages_.columns;  // C++17 lets no lambda capture structured bindings
        Func rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = contract::kTile * output_.dim(1).extent() + contract::kReadableColumns - 1;
        Expr x = contract::kTile * tx + i - 1, row = rows(contract::kTile * ty + j - 1);
        pixels(c, i, j, tx, ty) = blocks::read(input_, c, x, row, last_column, ring_);
        const auto down = Six::of([&](int n) { return pixels(c, i, n, tx, ty); });
        columns(c, i, l, tx, ty) = mux(l, blocks::input_transform(down));
        const auto along = Six::of([&](int n) { return columns(c, n, l, tx, ty); });
        output_(c, tx, ty, k, l) = mux(k, blocks::input_transform(along));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::winograd_input, cin_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::output, output_);
        schedules::gpu::winograd_input(stages_, output_, cin_);
    }

private:
    Var c{"c"}, i{"i"}, j{"j"}, k{"k"}, l{"l"}, tx{"tx"}, ty{"ty"};
    schedules::gpu::WinogradInputStages stages_{Func("pixels"), Func("columns")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(WinogradInput, winograd_input)
