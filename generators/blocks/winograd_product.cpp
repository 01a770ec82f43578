// The second third of Winograd's F(4x4, 3x3) on GPUs: a matrix product of channels for each of the 36 frequencies. Tiles
// lie in one row.
#include "generators/blocks/common.h"
#include "schedules/gpu/winograd.h"
#include "weights/winograd.h"

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
        taps(c, ci, f) = filter_(c % blocks::kGpuFilterBlock, ci, c / blocks::kGpuFilterBlock, f);
        RDom r(0, cin_, "r");
        sum(c, tile, f) = 0.f;
        sum(c, tile, f) += inputs(r, tile, f) * taps(c, r, f);
        output_(c, tile, f) = sum(c, tile, f);
    }

    void schedule() {
        constexpr int kTiles = winograd::kTilesTogether;
        static_assert(kTiles == schedules::gpu::kWinogradTiles);
        constexpr int kFrequencies = winograd::kFrequencies * winograd::kFrequencies;
        blocks::promise_vectors(inputs_, filter_, output_);
        blocks::promise_filter(filter_, blocks::kGpuFilterBlock);
        filter_.dim(1).set_stride(blocks::kGpuFilterBlock);
        inputs_.dim(0).set_bounds(0, cin_);
        inputs_.dim(1).set_min(0).set_stride(cin_);
        inputs_.dim(2).set_bounds(0, kFrequencies);
        output_.dim(0).set_bounds(0, cout_);
        output_.dim(1).set_min(0).set_stride(cout_).set_extent(output_.dim(1).extent() / kTiles * kTiles);
        output_.dim(2).set_bounds(0, kFrequencies);
        schedules::gpu::winograd_product(stages_, output_, {cin_, cout_});
    }

private:
    Var c{"c"}, ci{"ci"}, tile{"tile"}, f{"f"};
    schedules::gpu::WinogradProductStages stages_{Func("transformed"), Func("taps"), Func("sum")};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(WinogradProduct, winograd_product)
