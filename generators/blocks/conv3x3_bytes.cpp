// 3x3 convolution between features in AMX tiles of bytes: max(output_min, conv + bias [+ addend]), or the PReLU of
// conv + bias [+ addend]. Activations are bf16 in memory. A pixel p is rounded to the unsigned byte
// round(p * input_scale) + input_zero, limited to 0 to 255, filters are signed bytes, and their products are summed in int32.
// output_scale (c) makes a sum an f32; the bias has taken in what input_zero adds to it. So nothing is rounded twice but the
// input and, at the end, the output.
//
// 0 becomes input_zero, so the zeros around a frame are exact. Sums are exact: any order of additions gives the same bytes.
// contract/layout.h has the filter's rows.
#include "schedules/conv3x3_bytes.h"
#include "generators/blocks/common.h"
#include "schedules/tiles.h"

namespace {

using namespace Halide;
using namespace slimscale;

// Rounds to the nearest integer, adds `zero` and limits the result to a byte. After 1.5 * 2^23 is added, a float's last place
// is worth 1, so its low bits are the integer. Positive floats are ordered as their bits are, and negative ones have negative
// bits, so the limits hold in integers, for infinities too. What is no number becomes 0 or 255.
Expr rounded_to_byte(Expr value, Expr zero) {
    constexpr float kRoundingMagic = 12582912.f;
    constexpr int kBitsOfMagic = 0x4b400000, kLargest = 255;
    Expr bits = reinterpret<int32_t>(value + (kRoundingMagic + cast<float>(zero)));
    return cast<uint8_t>(clamp(bits, kBitsOfMagic, kBitsOfMagic + kLargest) - kBitsOfMagic);
}

class Conv3x3Bytes : public Generator<Conv3x3Bytes> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::bf16, blocks::kStorages};       // no other

    Input<Buffer<bfloat16_t, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<int8_t, 3>> filter_{"filter"};  // quad, o16, row
    Input<Buffer<float, 1>> bias_{"bias"};
    Input<float> input_scale_{"input_scale"};
    Input<int> input_zero_{"input_zero"};
    Input<Buffer<float, 1>> output_scale_{"output_scale"};
    Output<Buffer<bfloat16_t, 3>> output_{"output"};  // c, x, y

    void configure() {
        activation_ = blocks::add_activation(*this, prelu_);
        if (add_)
            addend_ = blocks::add_addend(*this, blocks::type_of(storage_));
    }

    void generate() {
        constexpr int kBlock = contract::kFilterBlock, kQuad = contract::kQuad, kRows = contract::kTileFilterRows;
        const int inputs = schedules::padded_bytes(cin_), step = schedules::bytes_per_step(cin_);
        auto &[rows, pixels, sum, sums] = stages_;

        // The pixels that a strip reads, side by side and with zeros up to whole steps, so that tiles have constant strides.
        rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        Expr channel = inputs == cin_ ? Expr(c) : min(c, cin_ - 1);
        Expr pixel = blocks::read(input_, channel, x, rows(y), last_column, ring_);
        Expr byte = rounded_to_byte(pixel * input_scale_, input_zero_);
        pixels(c, x, y) = inputs == cin_ ? byte : select(c < cin_, byte, cast<uint8_t>(0));

        RDom r(0, step, 0, 3, 0, 3, 0, inputs / step, "r");  // input channels of a step, kx, ky, steps
        Expr first_row = kRows * (r[1] + 3 * r[2] + 9 * r[3]);
        Expr rows_of_block = filter_.dim(2).extent() / contract::filter_blocks(cout_);
        sum(o16, x, block, y) = 0;
        sum(o16, x, block, y) += cast<int32_t>(pixels(r[0] + step * r[3], x + r[1] - 1, y + r[2] - 1)) *
                                 cast<int32_t>(filter_(r[0] % kQuad, o16, r[0] / kQuad + (first_row + rows_of_block * block)));
        sums = sum.in();  // in memory

        Expr result = cast<float>(sums(c % kBlock, x, c / kBlock, y)) * output_scale_(c) + bias_(c);
        if (add_)
            result += addend_.at(c, x, addend_.rows(row0_, "add_rows")(y), output_.dim(1).extent() - 1);
        output_(c, x, y) = blocks::stored_as(output_.type(), activation_.of(result, c));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::conv3x3_bytes, cin_, cout_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output_scale, output_scale_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, activation_.slope)
            .promise(blocks::Arg::addend, addend_.tensor);
        schedules::conv3x3_bytes(stages_, output_, {cin_, cout_});
        schedules::hold_several_accumulators(get_pipeline(), cout_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"}, o16{"o16"}, block{"block"};
    blocks::Activation activation_;
    blocks::RingInput addend_;
    schedules::Conv3x3BytesStages stages_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv3x3Bytes, conv3x3_bytes)
