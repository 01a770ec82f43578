// The last convolution from C channels to the image's colors (1 or 3), direct: conv + bias. 3x3, or 4x4 for one phase
// of a pixel shuffle whose upsampler is part of it.
#include "schedules/tail.h"
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Tail : public Generator<Tail> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> colors_{"cout", 3};
    GeneratorParam<int> taps_{"taps", 3};  // in x and y: from one before the pixel on
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<float, 4>> filter_{"filter"};  // ci, kx, ky, o
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<float, 3>> output_{"output"};  // o, x, y

    void configure() { input_.set_type(blocks::type_of(storage_)); }

    void generate() {
        rows_ = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kTailColumns - 1;
        RDom r(0, cin_, 0, taps_, 0, taps_, "r");  // ci, kx, ky
        auto &[pixels, taps, sum] = stages_;
        pixels(ci, x, y) = blocks::read(input_, ci, x, rows_(y), last_column, ring_);
        taps(o, ci, kx, ky) = filter_(ci, kx, ky, o);
        sum(o, x, y) = 0.f;
        sum(o, x, y) += pixels(r.x, x + r.y - 1, y + r.z - 1) * taps(o, r.x, r.y, r.z);
        output_(o, x, y) = sum(o, x, y) + bias_(o);
    }

    void schedule() {
        const contract::Pipeline numbers = contract::pipeline(contract::Block::tail, cin_, colors_);
        blocks::Contract(numbers, schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::naive) {
            schedules::naive(output_, {stages_.sum});
        } else if (schedule_ == blocks::Schedule::gpu) {
            schedules::gpu::tail(stages_, output_, {cin_, colors_}, taps_);
        } else {
            const auto blocking = blocks::blocking_of(blocking_, numbers, get_target());
            schedules::tail({rows_, stages_.sum}, output_, colors_, blocking);
        }
    }

private:
    Var o{"o"}, ci{"ci"}, x{"x"}, y{"y"}, kx{"kx"}, ky{"ky"};
    Func rows_;
    schedules::gpu::Stages stages_{Func("pixels"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Tail, tail)
