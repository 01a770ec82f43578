#include "runtime/executor/steps.h"
#include "runtime/filters/collapsed_tail.h"

namespace slimscale::runtime {

namespace {

using contract::kCollapsedTaps;

// The pipeline's taps begin one row and one column before its pixel, so views and row0 are moved to the filter's taps.
int tail_phase(const StepCall &call, int phase, PhaseSpan rows, PhaseSpan columns) {
    const slimscale_step &s = call.s;
    const TensorLayout &in = call.layout(s.inputs[0]), &out = call.layout(s.output);
    const PackedFilter &form = call.e.filters->collapsed(*call.e.plan);
    const int filter = rows.filter * collapsed_filters(s.shuffle) + columns.filter;
    const int64_t padded = round_up(form.inputs, kFilterBlock), row_taps = padded * kCollapsedTaps,
                  taps = row_taps * kCollapsedTaps;
    const int width = columns.end - columns.begin, written = call.written(width);
    const int64_t first_column = columns.begin + first_tap(columns.filter) + 1;  // behind column -1
    const int64_t row = (rows.begin * s.shuffle + out.base) % out.ring + phase / s.shuffle;
    const int64_t column = 1 + columns.begin * s.shuffle + phase % s.shuffle;

    BufferView input, weights, bias, image, output;
    call.view(input, s.inputs[0], first_column * in.pixel,
              {{0, s.cin, 1}, {-1, written + contract::kTailColumns + 1, in.pixel}, {0, in.ring + 1, in.row}});
    call.view(weights, form.weights + filter * form.phase,
              {{0, s.cin, 1}, {0, kCollapsedTaps, padded}, {0, kCollapsedTaps, row_taps}, {0, s.cout, taps}});
    call.view(bias, form.bias + filter * form.bias_phase, {{0, s.cout, 1}});
    call.view(output, s.output, row * out.row + column * out.pixel,
              {{0, s.cout, 1}, {0, written, out.pixel * s.shuffle}, {0, rows.end - rows.begin, out.row * s.shuffle}});
    Arguments arguments(call.context());
    arguments.input[0] = input.get();
    arguments.base[0] = in.base;
    arguments.ring[0] = in.ring;
    arguments.height = in.height;
    arguments.row0 = rows.begin + first_tap(rows.filter) + 1;
    arguments.filter = weights.get();
    arguments.bias = bias.get();
    if (s.input_skip)
        call.add_image(image, columns.begin, rows.begin, arguments);
    arguments.output = output.get();
    return call.run(arguments);
}

}  // namespace

// One call per phase and filter, from left to right along x: columns that a call's whole tiles write beyond its own are
// written again by the next call, or lie outside the frame.
int run_collapsed_tail(const StepCall &call) {
    const slimscale_step &s = call.s;
    const TensorLayout &in = call.layout(s.inputs[0]);
    for (int phase = 0; phase < s.shuffle * s.shuffle; phase++) {
        PhaseSpan rows[2], columns[2];
        const int row_spans = phase_spans(phase / s.shuffle, s.shuffle, call.rows, in.height, rows);
        const int column_spans = phase_spans(phase % s.shuffle, s.shuffle, {0, in.width}, in.width, columns);
        for (int r = 0; r < row_spans; r++)
            for (int c = 0; c < column_spans; c++) {
                const int status = tail_phase(call, phase, rows[r], columns[c]);
                if (status != 0)
                    return status;
            }
    }
    return 0;
}

}  // namespace slimscale::runtime
