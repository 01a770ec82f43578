#include "runtime/executor/steps.h"

namespace slimscale::runtime {

namespace {

void view_filter(const StepCall &call, BufferView &buffer, const float *weights) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.filter();
    const int64_t blocks = (s.cout + kFilterBlock - 1) / kFilterBlock;
    switch (s.kind) {
    case SLIMSCALE_STEP_HEAD:
        call.view(buffer, weights, {{0, 16, 1}, {0, 3, 16}, {0, 3, 48}, {0, s.cin, 144}, {0, blocks, f.block}});
        break;
    case SLIMSCALE_STEP_CONV3:  // on devices
        call.view(buffer, weights,
                  {{0, 32, 1}, {0, 3, 32}, {0, 3, 96}, {0, s.cin, 288}, {0, (blocks + 1) / 2, f.block}});
        break;
    case SLIMSCALE_STEP_CONV1:
        call.view(buffer, weights,
                  {{0, 16, 1}, {0, (s.input_count - 1) * s.segment_stride + s.cin, 16}, {0, blocks, f.block}});
        break;
    default: {  // TAIL
        const int64_t padded = round_up(f.inputs, kFilterBlock);
        call.view(buffer, weights, {{0, s.cin, 1}, {0, 3, padded}, {0, 3, 3 * padded}, {0, s.cout, 9 * padded}});
    }
    }
}

// Of a 1x1 convolution, which has neither groups nor phases.
void view_quantized_1x1(const StepCall &call, BufferView &buffer) {
    const slimscale_step &s = call.s;
    const QuantizedFilter &f = call.e.filters->quantized()[s.filter];
    const int64_t blocks = (s.cout + kFilterBlock - 1) / kFilterBlock,
                  inputs = (s.input_count - 1) * s.segment_stride + s.cin;
    buffer.set(f.weights, halide_type_t(halide_type_int, 16),
               {{0, kPair, 1},
                {0, kFilterBlock, kPair},
                {0, inputs / kPair, kFilterBlock * kPair},
                {0, blocks, f.block}},
               call.e.device());
}

int convolution(const StepCall &call, int group, int phase, const float *weights, const float *bias) {
    const slimscale_step &s = call.s;
    const bool pointwise = s.kind == SLIMSCALE_STEP_CONV1, q16 = pointwise && call.e.tier->q16;
    BufferView inputs[4], filter, bias_view, from, add, output;
    Arguments arguments(call.context());
    for (int k = 0; k < s.input_count; k++) {
        const TensorLayout &in = call.layout(s.inputs[k]);
        call.view_input(inputs[k], s.inputs[k], group * s.cin, s.cin);
        arguments << inputs[k] << in.base << in.ring;
        if (!pointwise)
            arguments << in.height;
    }
    arguments << call.rows.begin;
    if (q16)
        view_quantized_1x1(call, filter);
    else
        view_filter(call, filter, weights);
    arguments << filter;
    if (pointwise)
        arguments << s.segment_stride;
    call.view(bias_view, bias, {{0, s.cout, 1}});
    arguments << bias_view;
    if (s.kind == SLIMSCALE_STEP_CONV3 || pointwise)
        arguments << call.floor();
    if (q16) {
        const QuantizedScales &scales = call.e.filters->quantized().scales(*call.e.plan, s.filter);
        call.view(from, scales.from, {{0, s.cout, 1}});
        arguments << scales.to[0] << from;
    }
    if (s.add >= 0) {
        call.view_input(add, s.add, group * s.cout, s.cout);
        arguments << add << call.layout(s.add).base << call.layout(s.add).ring;
    }
    call.view_output(output, group * s.cout, s.cout, phase);
    arguments << output;
    return call.run(arguments);
}

}  // namespace

int run_convolutions(const StepCall &call) {
    const slimscale_step &s = call.s;
    const PackedFilter &filter = call.filter();
    const int phases = s.shuffle * s.shuffle;
    for (int group = 0; group < s.groups; group++)
        for (int phase = 0; phase < phases; phase++) {
            const int status =
                convolution(call, group, phase, filter.weights + phase * filter.phase + group * filter.group,
                            filter.bias + phase * filter.bias_phase + group * s.cout);
            if (status != 0)
                return status;
        }
    return 0;
}

}  // namespace slimscale::runtime
