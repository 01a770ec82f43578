// The second of the three pipelines of Winograd's F(4x4, 3x3) on GPUs: a matrix product of filters and tiles for each of
// the 36 Winograd-domain elements f = k + 6*l. All tiles lie in one row.
#include "generators/blocks/common.h"
#include "schedules/gpu/winograd.h"

namespace {

using namespace Halide;
using namespace slimscale;

class WinogradProduct : public Generator<WinogradProduct> {
public:
    GeneratorParam<int> cin_{"cin", 128};
    GeneratorParam<int> cout_{"cout", 128};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};  // no other

    Input<Buffer<float, 3>> inputs_{"input"};    // ci, tile, f
    Input<Buffer<float, 4>> filter_{"filter"};   // o32, ci, block, f: transformed
    Output<Buffer<float, 3>> output_{"output"};  // c, tile, f

    void generate() {
        auto &[inputs, taps, sum] = stages_;
        inputs(ci, tile, f) = inputs_(ci, unsafe_promise_clamped(tile, 0, output_.dim(1).extent() - 1), f);
        taps(c, ci, f) = filter_(c % contract::kDeviceFilterBlock, ci, c / contract::kDeviceFilterBlock, f);
        RDom r(0, cin_, "r");
        sum(c, tile, f) = 0.f;
        sum(c, tile, f) += inputs(r, tile, f) * taps(c, r, f);
        output_(c, tile, f) = sum(c, tile, f);
    }

    void schedule() {
        blocks::Contract(contract::pipeline(contract::Block::winograd_product, cin_, cout_), schedule_)
            .promise(blocks::Arg::input, inputs_)
            .promise(blocks::Arg::filter, filter_)
            .promise(blocks::Arg::output, output_);
        schedules::gpu::winograd_product(stages_, output_, {cin_, cout_});
    }

private:
    Var c{"c"}, ci{"ci"}, tile{"tile"}, f{"f"};
    schedules::gpu::WinogradProductStages stages_{Func("transformed"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(WinogradProduct, winograd_product)
