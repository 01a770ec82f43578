// 3x3 convolution, C -> C, as Winograd's F(4x4, 3x3): max(floor, conv + bias [+ add]).
//
// In fixed point (q16) transformed inputs and filters are int16 and their products are summed in int32. Inputs are
// scaled by `to` (k, l), limited to +-kQ16Limit and rounded; filters come scaled, such that no sum of a filter's channels
// passes 31 bits and one factor per output channel, `from` (c), takes every frequency back (runtime/quantized.h).
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

class Conv3x3 : public Generator<Conv3x3> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> q16_{"q16", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule

    Input<Buffer<float, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<>> filter_{"filter"};  // o16, ci, k, l, block: transformed; q16: pair, o16, ci / 2, k, l, block
    Input<Buffer<float, 1>> bias_{"bias"};
    Input<float> floor_{"floor"};
    Output<Buffer<float, 3>> output_{"output"};  // c, x, y

    void configure() {
        filter_.set_type(q16_ ? Int(16) : Float(32));
        filter_.set_dimensions(q16_ ? 6 : 5);
        if (q16_) {
            to_ = add_input<Buffer<float, 2>>("to");      // k, l
            from_ = add_input<Buffer<float, 1>>("from");  // c
        }
        if (add_) {
            addend_ = add_input<Buffer<float, 3>>("addend");
            add_base_ = add_input<int>("add_base");
            add_ring_ = add_input<int>("add_ring");
        }
    }

    void generate() {
        using blocks::Six;
        auto &s = stages_;
        s.rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + blocks::kColumnPadding - 1;
        auto in = [&](Expr row) { return blocks::read(input_, c, x, s.rows(row), last_column, ring_); };

        s.input_y(c, x, l, ty) = mux(l, blocks::input_transform(Six::of([&](int i) { return in(4 * ty + i - 1); })));
        std::vector<Expr> inputs =
            blocks::input_transform(Six::of([&](int i) { return s.input_y(c, 4 * tx + i - 1, l, ty); }));
        for (int i = 0; q16_ && i < static_cast<int>(inputs.size()); i++) {
            inputs[static_cast<size_t>(i)] = blocks::rounded_q16(inputs[static_cast<size_t>(i)] * (*to_)(i, l));
        }
        s.input_xy(c, tx, k, l, ty) = mux(k, inputs);

        RDom r(0, cin_, "r");
        Expr block = c / blocks::kFilterBlock, o16 = c % blocks::kFilterBlock;
        s.sum(c, tx, k, l, ty) = cast(q16_ ? Int(32) : Float(32), 0);
        s.sum(c, tx, k, l, ty) +=
            q16_ ? cast<int>(s.input_xy(r, tx, k, l, ty)) * cast<int>(filter_(r % 2, o16, r / 2, k, l, block))
                 : s.input_xy(r, tx, k, l, ty) * filter_(o16, r, k, l, block);
        s.product(c, tx, k, l, ty) = cast<float>(s.sum(c, tx, k, l, ty));

        const double gain = q16_ ? winograd::kQ16GainB : 1;
        s.output_x(c, p, l, tx, ty) =
            mux(p, blocks::output_transform(Six::of([&](int i) { return s.product(c, tx, i, l, ty); }), gain));
        s.output_xy(c, p, q, tx, ty) =
            mux(q, blocks::output_transform(Six::of([&](int i) { return s.output_x(c, p, i, tx, ty); }), gain));

        Expr result = s.output_xy(c, x % 4, y % 4, x / 4, y / 4);
        result = (q16_ ? result * (*from_)(c) : result) + bias_(c);
        if (add_) {
            add_rows_ = blocks::ring_rows(*add_base_, *add_ring_, row0_, "add_rows");
            result += blocks::read(*addend_, c, x, add_rows_(y), output_.dim(1).extent() - 1, *add_ring_ - 1);
        }
        output_(c, x, y) = max(result, floor_);
    }

    void schedule() {
        blocks::promise_tensor(input_);
        if (q16_) {
            filter_.dim(0).set_bounds(0, 2);
            filter_.dim(1).set_bounds(0, blocks::kFilterBlock).set_stride(2);
            filter_.dim(2).set_stride(2 * blocks::kFilterBlock);
            for (int i = 2; i < filter_.dimensions(); i++) {
                filter_.dim(i).set_min(0);
            }
            to_->dim(0).set_bounds(0, 6);
            to_->dim(1).set_bounds(0, 6).set_stride(6);
        } else {
            blocks::promise_filter(filter_);
            filter_.dim(1).set_stride(blocks::kFilterBlock);
        }
        blocks::promise_output(output_, cout_, schedule_, 4);
        if (add_) {
            blocks::promise_tensor(*addend_);
        }
        if (schedule_ == blocks::Schedule::naive) {
            const auto &s = stages_;
            schedules::naive_tiled(output_, {s.input_y, s.input_xy, s.sum, s.product, s.output_x, s.output_xy}, 4, 4);
        } else {
            const auto blocking = blocks::blocking_of(blocking_, {"conv3x3", {cin_, cout_}}, get_target());
            schedules::conv3x3(stages_, output_, add_rows_, {cin_, cout_}, q16_, blocking, get_target());
        }
    }

private:
    Var c{"c"}, x{"x"}, y{"y"}, k{"k"}, l{"l"}, p{"p"}, q{"q"}, tx{"tx"}, ty{"ty"};
    Input<Buffer<float, 2>> *to_ = nullptr;
    Input<Buffer<float, 1>> *from_ = nullptr;
    Input<Buffer<float, 3>> *addend_ = nullptr;
    Input<int> *add_base_ = nullptr, *add_ring_ = nullptr;
    schedules::Conv3x3Stages stages_;
    Func add_rows_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv3x3, conv3x3)
