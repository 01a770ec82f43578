// Sums each channel over the `width` columns of a row, from left to right: the first half of global average pooling.
#include "schedules/row_sum.h"
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;

class RowSum : public Generator<RowSum> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, row0_{"row0"}, width_{"width"};
    Output<Buffer<float, 2>> output_{"output"};  // c, y

    void configure() { input_.set_type(blocks::type_of(storage_)); }

    void generate() {
        rows_ = blocks::ring_rows(base_, ring_, row0_);
        RDom r(0, width_, "r");
        sum_(c, y) = 0.f;
        sum_(c, y) += blocks::read(input_, c, r, rows_(y), width_ - 1, ring_ - 1);
        output_(c, y) = sum_(c, y);
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::row_sum, cin_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::naive)
            schedules::naive(output_, {sum_});
        else if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::row_sum(sum_, output_, cin_);
        else
            schedules::row_sum({rows_, sum_}, output_, cin_, get_target());
    }

private:
    Var c{"c"}, y{"y"};
    Func rows_, sum_{"sum"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(RowSum, row_sum)
