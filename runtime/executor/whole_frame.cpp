#include <algorithm>

#include "runtime/executor/steps.h"

namespace slimscale::runtime {

namespace {

using contract::Arg;

// o16, ci, block
void view_pointwise(const StepCall &call, BufferView &buffer, const PackedFilter &filter, int inputs, int outputs) {
    call.view(buffer, filter.weights,
              {{0, kFilterBlock, 1}, {0, inputs, kFilterBlock}, {0, contract::filter_blocks(outputs), filter.block}});
}

}  // namespace

int run_whole_frame(const StepCall &call) {
    const slimscale_step &s = call.s;
    const contract::PipelineKey key = call.key();
    const TensorLayout &in = call.layout(s.inputs[0]);
    const Rows rows{std::max(call.rows.begin, 0), std::min(call.rows.end, in.height)};  // of the frame
    BufferView input, sums, w1, b1, w2, b2, output;
    Arguments arguments(call.context());
    if (takes(key, Arg::input)) {
        call.view_input(input, s.inputs[0], 0, s.cin);
        arguments.input[0] = input.get();
        arguments.base[0] = in.base;
        arguments.ring[0] = in.ring;
        arguments.row0 = rows.begin;
        arguments.width = in.width;
    }
    if (takes(key, Arg::sums)) {
        call.view(sums, s.inputs[0], 0, {{0, s.cin, 1}, {0, in.height, s.cin}});
        arguments.sums = sums.get();
        arguments.pixels = in.width * in.height;
    }
    if (takes(key, Arg::filter1)) {
        const PackedFilter &first = (*call.e.filters)[s.filter], &second = (*call.e.filters)[s.filter2];
        view_pointwise(call, w1, first, s.cin, s.cout);
        call.view(b1, first.bias, {{0, s.cout, 1}});
        view_pointwise(call, w2, second, s.cout, s.cin);
        call.view(b2, second.bias, {{0, s.cin, 1}});
        arguments.filter1 = w1.get();
        arguments.bias1 = b1.get();
        arguments.filter2 = w2.get();
        arguments.bias2 = b2.get();
    }
    if (call.e.plan->tensors[s.output].rank == 2)
        call.view(output, s.output, int64_t{rows.begin} * s.cin, {{0, s.cin, 1}, {0, rows.end - rows.begin, s.cin}});
    else
        call.view(output, s.output, 0, {{0, s.cin, 1}});
    arguments.output = output.get();
    return call.run(arguments);
}

}  // namespace slimscale::runtime
