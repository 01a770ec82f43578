#include "runtime/executor/steps.h"

namespace slimscale::runtime {

int run_row_sum(const StepCall &call) {
    const slimscale_step &s = call.s;
    const TensorLayout &in = call.layout(s.inputs[0]);
    BufferView input, sums;
    call.view_input(input, s.inputs[0], 0, s.cin);
    call.view(sums, s.output, 0, {{0, s.cin, 1}, {0, in.height, s.cin}});
    Arguments arguments(call.context());
    arguments << input << in.base << in.ring << 0 << in.width << sums;
    return call.run(arguments);
}

int run_gate(const StepCall &call) {
    const slimscale_step &s = call.s;
    const PackedFilter &squeeze = (*call.e.filters)[s.filter], &expand = (*call.e.filters)[s.filter2];
    const TensorLayout &frame = call.layout(s.inputs[0]);
    const int64_t squeeze_blocks = (s.cout + kFilterBlock - 1) / kFilterBlock,
                  expand_blocks = (s.cin + kFilterBlock - 1) / kFilterBlock;
    BufferView sums, w1, b1, w2, b2, factors;
    call.view(sums, s.inputs[0], 0, {{0, s.cin, 1}, {0, frame.height, s.cin}});
    call.view(w1, squeeze.weights, {{0, 16, 1}, {0, s.cin, 16}, {0, squeeze_blocks, squeeze.block}});
    call.view(b1, squeeze.bias, {{0, s.cout, 1}});
    call.view(w2, expand.weights, {{0, 16, 1}, {0, s.cout, 16}, {0, expand_blocks, expand.block}});
    call.view(b2, expand.bias, {{0, s.cin, 1}});
    call.view(factors, s.output, 0, {{0, s.cin, 1}});
    Arguments arguments(call.context());
    arguments << sums << frame.width * frame.height << w1 << b1 << w2 << b2 << factors;
    return call.run(arguments);
}

int run_attend(const StepCall &call) {
    const slimscale_step &s = call.s;
    const TensorLayout &in = call.layout(s.inputs[0]), &skip = call.layout(s.add);
    BufferView input, factors, add, output;
    call.view_input(input, s.inputs[0], 0, s.cin);
    call.view(factors, s.inputs[1], 0, {{0, s.cin, 1}});
    call.view_input(add, s.add, 0, s.cin);
    call.view_output(output, 0, s.cin, 0);
    Arguments arguments(call.context());
    arguments << input << in.base << in.ring << factors << add << skip.base << skip.ring << call.rows.begin << output;
    return call.run(arguments);
}

}  // namespace slimscale::runtime
