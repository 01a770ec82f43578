// 3x3 convolution between features by Winograd's F(4x4, 3x3): max(output_min, conv + bias [+ addend]), or the PReLU of
// conv + bias [+ addend]. One call computes all groups of channels and all phases of a pixel shuffle in one parallel loop,
// and transforms the inputs once for all phases.
//
// In fixed point (q16) transformed inputs and filters are int16 and their products are summed in int32. Inputs are
// multiplied by input_scales (k, l), limited to +-kQ16Limit and rounded. Filters come scaled, so that no sum over a filter's
// input channels exceeds 31 bits, and one factor per output channel and phase, output_scale, undoes the scales of all
// Winograd-domain elements (runtime/filters/quantized.h).
//
// A tile is 4x4 outputs from 6x6 inputs. Tile (tx, ty) starts at column 4*tx and output row 4*ty, wherever the rows lie
// in the frame: a caller that wants equal bytes from bands and whole frames keeps row0 modulo 4.
#include "schedules/conv3x3.h"
#include "generators/blocks/common.h"
#include "generators/blocks/winograd_transforms.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;
using contract::kPair, contract::kTile;

class Conv3x3 : public Generator<Conv3x3> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<bool> q16_{"q16", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c of all groups, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    // o16, ci, k, l, block of all groups, phase: transformed; q16: pair, o16, ci / kPair, k, l, block, phase
    Input<Buffer<>> filter_{"filter"};
    Input<Buffer<float, 2>> bias_{"bias"};      // c of all groups, phase
    Output<Buffer<void, 6>> output_{"output"};  // c, x, y, group, column and row of the phase

    void configure() {
        const Type stored = blocks::type_of(storage_);
        input_.set_type(stored);
        output_.set_type(stored);
        filter_.set_type(q16_ ? Int(16) : Float(32));
        filter_.set_dimensions(q16_ ? 7 : 6);
        activation_ = blocks::add_activation(*this, prelu_);
        if (q16_) {
            input_scales_ = add_input<Buffer<float, 2>>("to");    // k, l
            output_scale_ = add_input<Buffer<float, 2>>("from");  // c of all groups, phase
        }
        if (add_)
            addend_ = blocks::add_addend(*this, stored);
    }

    void generate() {
        using blocks::Six;
        auto &s = stages_;
        s.rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        auto in = [&](Expr row) {
            return blocks::read(input_, cin_ * g + c, x, s.rows(row), last_column, ring_);
        };

        s.input_y(c, x, l, ty, g) =
            mux(l, blocks::input_transform(Six::of([&](int i) { return in(kTile * ty + i - 1); })));
        std::vector<Expr> inputs =
            blocks::input_transform(Six::of([&](int i) { return s.input_y(c, kTile * tx + i - 1, l, ty, g); }));
        for (int i = 0; q16_ && i < static_cast<int>(inputs.size()); i++)
            inputs[static_cast<size_t>(i)] = blocks::rounded_q16(inputs[static_cast<size_t>(i)] * (*input_scales_)(i, l));
        s.input_xy(c, tx, k, l, ty, g) = mux(k, inputs);

        RDom r(0, cin_, "r");
        Expr block = g * contract::filter_blocks(cout_) + c / contract::kFilterBlock;
        Expr o16 = c % contract::kFilterBlock;
        s.sum(c, tx, k, l, ty, g, phase) = cast(q16_ ? Int(32) : Float(32), 0);
        Expr factor = s.input_xy(r, tx, k, l, ty, g);
        if (q16_)
            s.sum(c, tx, k, l, ty, g, phase) +=
                cast<int>(factor) * cast<int>(filter_(r % kPair, o16, r / kPair, k, l, block, phase));
        else
            s.sum(c, tx, k, l, ty, g, phase) += factor * filter_(o16, r, k, l, block, phase);
        s.product(c, tx, k, l, ty, g, phase) = cast<float>(s.sum(c, tx, k, l, ty, g, phase));

        const double gain = q16_ ? winograd::kQ16GainB : 1;
        s.output_x(c, p, l, tx, ty, g, phase) =
            mux(p, blocks::output_transform(Six::of([&](int i) { return s.product(c, tx, i, l, ty, g, phase); }), gain));
        s.output_xy(c, p, q, tx, ty, g, phase) =
            mux(q, blocks::output_transform(Six::of([&](int i) { return s.output_x(c, p, i, tx, ty, g, phase); }), gain));

        Expr of_all = cout_ * g + c, at = u + v * output_.dim(4).extent();
        Expr result = s.output_xy(c, x % kTile, y % kTile, x / kTile, y / kTile, g, at);
        result = (q16_ ? result * (*output_scale_)(of_all, at) : result) + bias_(of_all, at);
        if (add_) {
            add_rows_ = addend_.rows(row0_, "add_rows");
            result += addend_.at(of_all, x, add_rows_(y), output_.dim(1).extent() - 1);
        }
        output_(c, x, y, g, u, v) = blocks::stored_as(output_.type(), activation_.of(result, of_all));
    }

    void schedule() {
        const contract::Pipeline numbers = contract::pipeline(contract::Block::conv3x3, cin_, cout_);
        blocks::Contract(numbers, schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, activation_.slope)
            .promise(blocks::Arg::input_scales, input_scales_)
            .promise(blocks::Arg::output_scale, output_scale_)
            .promise(blocks::Arg::addend, addend_.tensor);
        if (schedule_ == blocks::Schedule::naive) {
            const auto &s = stages_;
            schedules::naive_tiled(output_, {s.input_y, s.input_xy, s.sum, s.product, s.output_x, s.output_xy}, kTile,
                                   kTile);
        } else {
            const auto blocking = blocks::blocking_of(blocking_, numbers, get_target());
            schedules::conv3x3(stages_, output_, add_rows_, {cin_, cout_}, q16_, blocking, get_target());
        }
    }

private:
    Var c{"c"}, x{"x"}, y{"y"}, k{"k"}, l{"l"}, p{"p"}, q{"q"}, tx{"tx"}, ty{"ty"};
    Var g{"g"}, phase{"phase"}, u{"u"}, v{"v"};
    Input<Buffer<float, 2>> *input_scales_ = nullptr;
    Input<Buffer<float, 2>> *output_scale_ = nullptr;
    blocks::Activation activation_;
    blocks::RingInput addend_;
    schedules::Conv3x3Stages stages_;
    Func add_rows_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv3x3, conv3x3)
