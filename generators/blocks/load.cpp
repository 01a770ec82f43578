// Brings an image's samples into the network's range: image * gain - shift.
#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Load : public Generator<Load> {
public:
    GeneratorParam<int> colors_{"cout", 3};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};

    Input<Buffer<void, 3>> image_{"image"};  // c, x, y
    Input<float> gain_{"gain"}, shift0_{"shift0"}, shift1_{"shift1"}, shift2_{"shift2"};
    Output<Buffer<float, 3>> output_{"output"};  // c, x, y

    void generate() {
        // Strict, since a fused multiply-add would give other bytes than CPUs do.
        Expr shift = blocks::by_color(c, shift0_, shift1_, shift2_);
        output_(c, x, y) = strict_float(cast<float>(image_(c, x, y)) * gain_ - shift);
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::load, 0, colors_), schedule_)
            .promise(blocks::Arg::image, image_)
            .promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(output_);
    }

private:
    Var c{"c"}, x{"x"}, y{"y"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Load, load)
