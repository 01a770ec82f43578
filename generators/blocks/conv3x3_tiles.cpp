// 3x3 convolution between features in AMX tiles: max(output_min, conv + bias [+ addend]), or the PReLU of
// conv + bias [+ addend]. Activations and filters are bf16, sums are f32 until the output is rounded; a value that is already
// rounded to bf16 is not rounded again on its way.
//
// A tile instruction adds the products of 16 pixels and 16 output channels over up to 32 input channels of one tap. Its order
// of additions is fixed (two chains of fused multiply-adds over even and odd channels, whose sum is added to the tile;
// subnormal numbers count as 0), and so is the order of the instructions, so that bands, strips and threads do not change
// bytes. contract/layout.h has the filter's rows.
#include "schedules/conv3x3_tiles.h"
#include "generators/blocks/common.h"
#include "schedules/tiles.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Conv3x3Tiles : public Generator<Conv3x3Tiles> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::bf16, blocks::kStorages};       // no other

    Input<Buffer<bfloat16_t, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<bfloat16_t, 3>> filter_{"filter"};  // pair, o16, row
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<bfloat16_t, 3>> output_{"output"};  // c, x, y

    void configure() {
        activation_ = blocks::add_activation(*this, prelu_);
        if (add_)
            addend_ = blocks::add_addend(*this, blocks::type_of(storage_));
    }

    void generate() {
        constexpr int kBlock = contract::kFilterBlock, kPair = contract::kPair, kRows = contract::kTileFilterRows;
        const int inputs = schedules::padded_inputs(cin_), step = schedules::inputs_per_step(cin_);
        auto &[rows, pixels, sum, sums] = stages_;

        // The pixels that a strip reads, side by side and with zeros up to whole steps, so that tiles have constant strides.
        rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        Expr channel = inputs == cin_ ? Expr(c) : min(c, cin_ - 1);
        Expr pixel = input_(channel, unsafe_promise_clamped(x, -1, last_column),
                            unsafe_promise_clamped(rows(y), 0, ring_));
        pixels(c, x, y) = inputs == cin_ ? pixel : select(c < cin_, pixel, bfloat16_t(0.f));

        RDom r(0, step, 0, 3, 0, 3, 0, inputs / step, "r");  // input channels of a step, kx, ky, steps
        const int steps_per_chunk = contract::kTileInputs / step;
        Expr first_row = r[3] % steps_per_chunk * (step / kPair) + kRows * (r[1] + 3 * r[2] + 9 * (r[3] / steps_per_chunk));
        Expr rows_of_block = filter_.dim(2).extent() / contract::filter_blocks(cout_);
        sum(o16, x, block, y) = 0.f;
        sum(o16, x, block, y) += cast<float>(pixels(r[0] + step * r[3], x + r[1] - 1, y + r[2] - 1)) *
                                 cast<float>(filter_(r[0] % kPair, o16, r[0] / kPair + (first_row + rows_of_block * block)));
        sums = sum.in();  // in memory

        Expr result = sums(c % kBlock, x, c / kBlock, y) + bias_(c);
        if (add_)
            result += addend_.at(c, x, addend_.rows(row0_, "add_rows")(y), output_.dim(1).extent() - 1);
        output_(c, x, y) = blocks::stored_as(output_.type(), activation_.of(result, c));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::conv3x3_tiles, cin_, cout_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, activation_.slope)
            .promise(blocks::Arg::addend, addend_.tensor);
        schedules::conv3x3_tiles(stages_, output_, {cin_, cout_});
        schedules::hold_several_accumulators(get_pipeline(), cout_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"}, o16{"o16"}, block{"block"};
    blocks::Activation activation_;
    blocks::RingInput addend_;
    schedules::Conv3x3TilesStages stages_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv3x3Tiles, conv3x3_tiles)
