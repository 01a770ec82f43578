// The last convolution, from C channels to the image's colors (1 or 3), tap by tap: conv + bias [+ the input image]. It has
// 3x3 taps, or 4x4 as one phase of a collapsed tail, which contains the upsampler.
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
    GeneratorParam<int> taps_{"taps", 3};  // along x and y; the first one lies one pixel before the output's
    GeneratorParam<int> skip_{"skip", 0};  // columns and rows that a pixel of the image is added to; 0: it is not added
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<float, 4>> filter_{"filter"};  // ci, kx, ky, o
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<float, 3>> output_{"output"};  // o, x, y

    void configure() {
        input_.set_type(blocks::type_of(storage_));
        if (skip_ > 0) {
            image_ = add_input<Buffer<float, 3>>("addend");  // o, x, row
            image_base_ = add_input<int>("add_base");
            image_ring_ = add_input<int>("add_ring");
            column0_ = add_input<int>("add_column0");
            image_row0_ = add_input<int>("add_row0");
        }
    }

    void generate() {
        rows_ = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kTailColumns - 1;
        RDom r(0, cin_, 0, taps_, 0, taps_, "r");  // ci, kx, ky
        auto &[pixels, taps, sum] = stages_;
        pixels(ci, x, y) = blocks::read(input_, ci, x, rows_(y), last_column, ring_);
        taps(o, ci, kx, ky) = filter_(ci, kx, ky, o);
        sum(o, x, y) = 0.f;
        sum(o, x, y) += pixels(r.x, x + r.y - 1, y + r.z - 1) * taps(o, r.x, r.y, r.z);
        Expr result = sum(o, x, y) + bias_(o);
        if (skip_ > 0) {
            image_rows_(y) = (pixel_at(y + *image_row0_) + *image_base_) % *image_ring_;
            result += blocks::read(*image_, o, pixel_at(x + *column0_), image_rows_(y), image_->dim(1).max(), *image_ring_ - 1);
        }
        output_(o, x, y) = result;
    }

    void schedule() {
        const contract::Pipeline numbers = contract::pipeline(contract::Block::tail, cin_, colors_);
        blocks::Contract(numbers, schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::addend, image_);
        if (schedule_ == blocks::Schedule::naive) {
            schedules::naive(output_, {stages_.sum});
        } else if (schedule_ == blocks::Schedule::gpu) {
            schedules::gpu::tail(stages_, output_, {cin_, colors_}, taps_);
        } else {
            const auto blocking = blocks::blocking_of(blocking_, numbers, get_target());
            schedules::tail({rows_, stages_.sum}, output_, image_rows_, colors_, blocking);
        }
    }

private:
    // The image's column or row that a column or row of the step's grid lies in. Thirds are computed in floats: Halide divides
    // integers by 3 with a product of 64 bits, which Vulkan devices need not have. The half keeps the quotient away from
    // integers, so that it is exact up to 2^20.
    Expr pixel_at(const Expr &of_grid) const {
        return skip_ == 3 ? cast<int>(floor((cast<float>(of_grid) + 0.5f) / 3.f)) : of_grid / skip_;
    }

    Var o{"o"}, ci{"ci"}, x{"x"}, y{"y"}, kx{"kx"}, ky{"ky"};
    Input<Buffer<float, 3>> *image_ = nullptr;
    Input<int> *image_base_ = nullptr, *image_ring_ = nullptr, *column0_ = nullptr, *image_row0_ = nullptr;
    Func rows_, image_rows_;
    schedules::gpu::Stages stages_{Func("pixels"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Tail, tail)
