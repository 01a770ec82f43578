// The end of an attention block: input * factor + addend, with one factor per channel.
#include "schedules/attend.h"
#include "generators/blocks/common.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Attend : public Generator<Attend> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"};
    Input<Buffer<float, 1>> factor_{"factor"};
    Input<Buffer<void, 3>> addend_{"addend"};  // c, x, row
    Input<int> add_base_{"add_base"}, add_ring_{"add_ring"}, row0_{"row0"};
    Output<Buffer<void, 3>> output_{"output"};  // c, x, y

    void configure() {
        for (auto *tensor : {&input_, &addend_})
            tensor->set_type(blocks::type_of(storage_));
        output_.set_type(blocks::type_of(storage_));
    }

    void generate() {
        rows_ = blocks::ring_rows(base_, ring_, row0_);
        add_rows_ = blocks::ring_rows(add_base_, add_ring_, row0_, "add_rows");
        Expr last_column = output_.dim(1).extent() - 1;
        Expr value = blocks::read(input_, c, x, rows_(y), last_column, ring_ - 1);
        Expr addend = blocks::read(addend_, c, x, add_rows_(y), last_column, add_ring_ - 1);
        output_(c, x, y) = blocks::stored_as(output_.type(), value * factor_(c) + addend);
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::attend, cin_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::factor, factor_)
            .promise(blocks::Arg::addend, addend_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::fast)
            schedules::attend({rows_, add_rows_}, output_, cin_, get_target());
        else if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::attend(output_, cin_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"};
    Func rows_, add_rows_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Attend, attend)
