// 3x3 convolution between features, tap by tap, for GPUs: max(output_min, conv + bias [+ addend]), or the PReLU of
// conv + bias [+ addend]. Unlike on CPUs, the filter is in blocks of 32 output channels, and all its strides but that of
// `block` are constants.
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Conv3x3Direct : public Generator<Conv3x3Direct> {
public:
    GeneratorParam<int> cin_{"cin", 16};
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> prelu_{"prelu", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};  // no other
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Input<Buffer<void, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, height_{"height"}, row0_{"row0"};
    Input<Buffer<float, 5>> filter_{"filter"};  // o32, kx, ky, ci, block
    Input<Buffer<float, 1>> bias_{"bias"};
    Output<Buffer<void, 3>> output_{"output"};  // c, x, y

    void configure() {
        const Type stored = blocks::type_of(storage_);
        input_.set_type(stored);
        output_.set_type(stored);
        activation_ = blocks::add_activation(*this, prelu_);
        if (add_)
            addend_ = blocks::add_addend(*this, stored);
    }

    void generate() {
        auto &[pixels, taps, sum] = stages_;
        Func rows = blocks::frame_rows(base_, ring_, height_, row0_);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        pixels(ci, x, y) = blocks::read(input_, ci, x, rows(y), last_column, ring_);
        taps(c, ci, kx, ky) = filter_(c % contract::kDeviceFilterBlock, kx, ky, ci, c / contract::kDeviceFilterBlock);
        RDom r(0, cin_, 0, 3, 0, 3, "r");  // ci, kx, ky
        sum(c, x, y) = bias_(c);
        sum(c, x, y) += pixels(r.x, x + r.y - 1, y + r.z - 1) * taps(c, r.x, r.y, r.z);
        Expr result = sum(c, x, y);
        if (add_)
            result += addend_.at(c, x, addend_.rows(row0_, "add_rows")(y), output_.dim(1).extent() - 1);
        output_(c, x, y) = cast(output_.type(), activation_.of(result, c));
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::conv3x3_direct, cin_, cout_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::bias, bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::slope, activation_.slope)
            .promise(blocks::Arg::addend, addend_.tensor);
        schedules::gpu::conv3x3(stages_, output_, {cin_, cout_}, input_.dim(1).stride());
    }

private:
    Var c{"c"}, ci{"ci"}, x{"x"}, y{"y"}, kx{"kx"}, ky{"ky"};
    blocks::Activation activation_;
    blocks::RingInput addend_;
    schedules::gpu::Stages stages_{Func("pixels"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv3x3Direct, conv3x3_direct)
