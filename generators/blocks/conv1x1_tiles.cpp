// 1x1 convolution over 1 to 4 concatenated tensors of the same number of channels, in AMX tiles: max(output_min, conv + bias
// [+ addend]). Activations and filters are bf16, sums are f32 until the output is rounded; a value that is already rounded to
// bf16 is not rounded again on its way.
//
// A tile instruction adds the products of 16 pixels and 16 output channels over up to 32 input channels of one segment, as in
// conv3x3_tiles. The instructions take the steps of a segment in order, and one segment after the other, so that bands, strips
// and threads do not change bytes. contract/layout.h has the filter's rows.
#include "schedules/conv1x1_tiles.h"
#include "generators/blocks/common.h"
#include "schedules/tiles.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Conv1x1Tiles : public Generator<Conv1x1Tiles> {
public:
    GeneratorParam<int> cin_{"cin", 16};  // of one segment
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<int> segments_{"segments", 1, 1, contract::kMostSegments};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::bf16, blocks::kStorages};       // no other

    Output<Buffer<bfloat16_t, 3>> output_{"output"};  // c, x, y

    // The arguments depend on the parameters; they are added in the contract's order.
    void configure() {
        const Type stored = blocks::type_of(storage_);
        for (int s = 0; s < segments_; s++) {
            const std::string n = std::to_string(s);
            inputs_.push_back(blocks::add_ring_input(*this, stored, "input" + n, "base" + n, "ring" + n));
        }
        row0_ = add_input<int>("row0");
        filter_ = add_input<Buffer<bfloat16_t, 3>>("filter");  // pair, o16, row
        segment_stride_ = add_input<int>("segment_stride");
        bias_ = add_input<Buffer<float, 1>>("bias");
        output_min_ = add_input<float>("floor");
        if (add_)
            addend_ = blocks::add_addend(*this, stored);
    }

    void generate() {
        constexpr int kBlock = contract::kFilterBlock, kPair = contract::kPair;
        const int inputs = schedules::padded_inputs(cin_), step = schedules::inputs_per_step(cin_);
        auto &[rows, pixels, sum, sums] = stages_;

        // The pixels that a strip reads, side by side and with zeros up to whole steps, so that tiles have constant strides.
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        Expr channel = inputs == cin_ ? Expr(c) : min(c, cin_ - 1);
        std::vector<Expr> of_segments;
        for (const blocks::RingInput &input : inputs_) {
            rows.push_back(input.rows(*row0_));
            Expr pixel = (*input.tensor)(channel, unsafe_promise_clamped(x, -1, last_column),
                                         unsafe_promise_clamped(rows.back()(y), 0, *input.ring - 1));
            of_segments.push_back(inputs == cin_ ? pixel : select(c < cin_, pixel, bfloat16_t(0.f)));
        }
        pixels(c, x, segment, y) = mux(segment, of_segments);

        RDom r(0, step, 0, inputs / step, 0, segments_, "r");  // input channels of a step, steps of a segment, segments
        Expr first_row = r[2] * (*segment_stride_ / kPair) + r[1] * (step / kPair);
        Expr rows_of_block = filter_->dim(2).extent() / contract::filter_blocks(cout_);
        sum(o16, x, block, y) = 0.f;
        sum(o16, x, block, y) += cast<float>(pixels(r[0] + step * r[1], x, r[2], y)) *
                                 cast<float>((*filter_)(r[0] % kPair, o16,
                                                        r[0] / kPair + (first_row + rows_of_block * block)));
        sums = sum.in();  // in memory

        Expr result = sums(c % kBlock, x, c / kBlock, y) + (*bias_)(c);
        if (add_)
            result += addend_.at(c, x, addend_.rows(*row0_, "add_rows")(y), output_.dim(1).extent() - 1);
        output_(c, x, y) = blocks::stored_as(output_.type(), max(result, *output_min_));
    }

    void schedule() {
        const blocks::Contract contract(contract::pipeline(contract::Block::conv1x1_tiles, cin_, cout_), schedule_);
        contract
            .promise(blocks::Arg::filter, *filter_)
            .promise(blocks::Arg::bias, *bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::addend, addend_.tensor);
        for (const blocks::RingInput &input : inputs_)
            contract.promise(blocks::Arg::input, *input.tensor);
        schedules::conv1x1_tiles(stages_, output_, {cin_, cout_}, segments_);
        schedules::hold_several_accumulators(get_pipeline(), cout_);
    }

private:
    Var c{"c"}, x{"x"}, segment{"segment"}, y{"y"}, o16{"o16"}, block{"block"};
    std::vector<blocks::RingInput> inputs_;
    blocks::RingInput addend_;
    Input<int> *row0_ = nullptr, *segment_stride_ = nullptr;
    Input<Buffer<bfloat16_t, 3>> *filter_ = nullptr;
    Input<Buffer<float, 1>> *bias_ = nullptr;
    Input<float> *output_min_ = nullptr;
    schedules::Conv1x1TilesStages stages_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv1x1Tiles, conv1x1_tiles)
