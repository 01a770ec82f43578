// Turns the network's values into an image's samples: (input + shift) * gain, which integers limit to their range and round.
#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Store : public Generator<Store> {
public:
    GeneratorParam<int> colors_{"cin", 3};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};

    Input<Buffer<float, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, row0_{"row0"};
    Input<float> gain_{"gain"}, shift0_{"shift0"}, shift1_{"shift1"}, shift2_{"shift2"};
    Output<Buffer<void, 3>> image_{"image"};  // c, x, y

    void generate() {
        Func rows = blocks::ring_rows(base_, ring_, row0_);
        Expr row = unsafe_promise_clamped(rows(y), 0, ring_ - 1);
        Expr value = (input_(c, x, row) + blocks::by_color(c, shift0_, shift1_, shift2_)) * gain_;
        const Type type = image_.type();
        image_(c, x, y) = type.is_float() ? value : blocks::to_integer(type, value);
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::store, colors_), schedule_)
            .promise(blocks::Arg::input, input_)
            .promise(blocks::Arg::output, image_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(image_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Store, store)
