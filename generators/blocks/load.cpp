// Turns an image in any format into the network's numbers. Each number is a weighted sum of the codes of three components,
// of which components 1 and 2 are resampled if they have another resolution.
#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "generators/blocks/resampled.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Load : public Generator<Load> {
public:
    GeneratorParam<int> colors_{"cout", 3};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};

    Input<Buffer<void, 2>[3]> component_{"component"};  // x, y: words
    Input<int[3]> place_{"place"};
    Input<int> mask_{"mask"}, floats_{"floats"};
    Input<int> width_{"width"}, height_{"height"}, row0_{"row0"};
    blocks::AxisInputs columns_{"columns"}, rows_{"rows"};  // of chroma, in samples
    Input<float[9]> weight_{"weight"};                      // number by number
    Input<float[3]> shift_{"shift"};
    Output<Buffer<float, 3>> output_{"output"};  // c, x, y

    void generate() {
        const blocks::Axis columns = columns_.of(width_), rows = rows_.of(height_);
        const auto code = [&](size_t j, Expr column, Expr row) {
            return blocks::code_of(component_[j](column, row), place_[j], mask_, floats_);
        };
        Expr row = y + row0_;
        RDom taps(0, columns.taps(), 0, rows.taps());
        Expr weight = blocks::weight_of(columns, x, taps.x) * blocks::weight_of(rows, row, taps.y);
        Expr tap_column = blocks::sample_of(columns, x, taps.x), tap_row = blocks::sample_of(rows, row, taps.y);
        chroma_(x, y) = Tuple(0.f, 0.f);
        chroma_(x, y) = Tuple(chroma_(x, y)[0] + weight * code(1, tap_column, tap_row),
                              chroma_(x, y)[1] + weight * code(2, tap_column, tap_row));
        const Expr codes[] = {code(0, x, row), chroma_(x, y)[0], chroma_(x, y)[1]};
        const auto number = [&](size_t n) {
            Expr sum = blocks::weighed(codes[0], weight_[3 * n]);
            for (size_t j = 1; j < 3; j++)
                sum += blocks::weighed(codes[j], weight_[3 * n + j]);
            return sum + shift_[n];
        };
        // Strict, since a fused multiply-add would give other bytes than CPUs do.
        output_(c, x, y) = strict_float(blocks::by_color(c, number(0), number(1), number(2)));
    }

    void schedule() {
        const blocks::Contract contract(contract::pipeline(contract::Block::load, 0, colors_), schedule_);
        constexpr blocks::Arg kComponents[] = {blocks::Arg::component0, blocks::Arg::component1,
                                               blocks::Arg::component2};
        for (size_t j = 0; j < 3; j++) {
            ImageParam component = component_[j];
            contract.promise(kComponents[j], component);
        }
        contract.promise(blocks::Arg::output, output_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(output_, {chroma_});
        else
            chroma_.compute_root();
    }

private:
    Var c{"c"}, x{"x"}, y{"y"};
    Func chroma_{"chroma"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Load, load)
