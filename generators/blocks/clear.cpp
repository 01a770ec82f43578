// Writes zeros: a tensor's zero row and its columns outside the frame.
#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Clear : public Generator<Clear> {
public:
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};
    Output<Buffer<uint32_t, 2>> words_{"words"};  // x, y

    void generate() { words_(x, y) = cast<uint32_t>(0); }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::clear, 0), schedule_).promise(blocks::Arg::output, words_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(words_);
    }

private:
    Var x{"x"}, y{"y"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Clear, clear)
