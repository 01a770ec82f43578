// The first convolution, 3x3 from the image's colors (1 or 3) to C channels, direct: conv + bias [, PReLU].
#include "schedules/head.h"
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Head : public Generator<Head> {
public:
    GeneratorParam<int> colors_{"cin", 3};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<float, 3>> input_{"input"};  // color, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<float, 5>> filter_{"filter"};  // o16, kx, ky, ci, block
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<void, 3>> output_{"output"};  // c, x, y

    void configure() {
        output_.set_type(blocks::type_of(storage_));
        if (prelu_)
            slope_ = add_input<Buffer<float, 1>>("slope");
    }

    void generate() {
        rows_ = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        auto &[pixels, taps, sum] = stages_;
        pixels(ci, x, y) = blocks::read(input_, ci, x, rows_(y), last_column, ring_);
        taps(c, ci, kx, ky) = filter_(c % contract::kFilterBlock, kx, ky, ci, c / contract::kFilterBlock);
        RDom r(0, 3, 0, 3, 0, colors_, "r");  // kx, ky, ci
        sum(c, x, y) = bias_(c);
        sum(c, x, y) += pixels(r.z, x + r.x - 1, y + r.y - 1) * taps(c, r.z, r.x, r.y);
        Expr result = sum(c, x, y);
        output_(c, x, y) = blocks::stored_as(output_.type(), prelu_ ? blocks::prelu(result, (*slope_)(c)) : result);
    }

    void schedule() {
        const contract::Pipeline numbers = contract::pipeline(contract::Block::head, colors_, cout_);
        blocks::Contract(numbers, schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, slope_);
        if (schedule_ == blocks::Schedule::naive) {
            schedules::naive(output_, {stages_.sum});
        } else if (schedule_ == blocks::Schedule::gpu) {
            schedules::gpu::head(stages_, output_, {colors_, cout_});
        } else {
            const auto blocking = blocks::blocking_of(blocking_, numbers, get_target());
            schedules::head({rows_, stages_.sum}, output_, blocking);
        }
    }

private:
    Var c{"c"}, ci{"ci"}, x{"x"}, y{"y"}, kx{"kx"}, ky{"ky"};
    Input<Buffer<float, 1>> *slope_ = nullptr;
    Func rows_;
    schedules::gpu::Stages stages_{Func("pixels"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Head, head)
