#include "runtime/executor/steps.h"

namespace slimscale::runtime {

namespace {

using contract::Arg;
using contract::kPair;

// A view of the part of a filter that the step reads, in the filter's layout (filters/packers.h).
void view_filter(const StepCall &call, BufferView &buffer, const float *weights) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.filter();
    constexpr int kBlock = kFilterBlock, kWide = kDeviceFilterBlock;
    const int64_t blocks = contract::filter_blocks(s.cout), wide_blocks = contract::filter_blocks(s.cout, kWide);
    switch (f.layout) {
    case FilterLayout::off_pages:
        call.view(buffer, weights,
                  {{0, kBlock, 1}, {0, (s.input_count - 1) * s.segment_stride + s.cin, kBlock}, {0, blocks, f.block}});
        break;
    case FilterLayout::direct32:
        call.view(buffer, weights,
                  {{0, kWide, 1}, {0, 3, kWide}, {0, 3, 3 * kWide}, {0, s.cin, 9 * kWide}, {0, wide_blocks, f.block}});
        break;
    case FilterLayout::pairs:
        buffer.set(weights, halide_type_t(halide_type_bfloat, 16),
                   {{0, kPair, 1}, {0, kBlock, kPair}, {0, blocks * f.block / kBlock, kPair * kBlock}},
                   call.e.device());
        break;
    case FilterLayout::tail: {
        const int64_t padded = round_up(f.inputs, kBlock);
        call.view(buffer, weights, {{0, s.cin, 1}, {0, 3, padded}, {0, 3, 3 * padded}, {0, s.cout, 9 * padded}});
        break;
    }
    default:  // plain, 3x3
        call.view(buffer, weights,
                  {{0, kBlock, 1}, {0, 3, kBlock}, {0, 3, 3 * kBlock}, {0, s.cin, 9 * kBlock}, {0, blocks, f.block}});
    }
}

// A view of the quantised filter of a 1x1 convolution, which has neither groups nor phases.
void view_quantized_1x1(const StepCall &call, BufferView &buffer) {
    const slimscale_step &s = call.s;
    const QuantizedFilter &f = call.e.filters->quantized()[s.filter];
    const int64_t inputs = (s.input_count - 1) * s.segment_stride + s.cin;
    buffer.set(f.weights, halide_type_t(halide_type_int, 16),
               {{0, kPair, 1},
                {0, kFilterBlock, kPair},
                {0, inputs / kPair, kFilterBlock * kPair},
                {0, contract::filter_blocks(s.cout), f.block}},
               call.e.device());
}

// A view of the bytes that one group and phase of a 3x3 convolution reads.
void view_bytes(const StepCall &call, BufferView &buffer, int group, int phase) {
    const slimscale_step &s = call.s;
    const ByteFilter &f = call.e.filters->in_bytes()[s.filter];
    buffer.set(f.weights + phase * f.phase + group * f.group, halide_type_t(halide_type_int, 8),
               {{0, contract::kQuad, 1},
                {0, kFilterBlock, contract::kQuad},
                {0, contract::filter_blocks(s.cout) * f.rows, contract::kQuad * kFilterBlock}},
               call.e.device());
}

// The views of one call, which live as long as it runs.
struct Views {
    BufferView inputs[contract::kMostSegments], filter, bias, slope, output_scale, factor, addend, output;
};

void set_inputs(const StepCall &call, const contract::PipelineKey &key, int group, Views &views, Arguments &arguments) {
    const slimscale_step &s = call.s;
    for (int k = 0; k < key.pipeline.segments; k++) {
        const TensorLayout &in = call.layout(s.inputs[k]);
        call.view_strip(views.inputs[k], s.inputs[k], group * s.cin, s.cin);
        arguments.input[k] = views.inputs[k].get();
        arguments.base[k] = in.base;
        arguments.ring[k] = in.ring;
    }
    arguments.row0 = call.rows.begin;
    if (takes(key, Arg::height))
        arguments.height = call.layout(s.inputs[0]).height;
    if (takes(key, Arg::factor)) {
        call.view(views.factor, s.inputs[1], 0, {{0, s.cin, 1}});
        arguments.factor = views.factor.get();
    }
}

void set_filter(const StepCall &call, const contract::PipelineKey &key, int group, int phase, Views &views,
                Arguments &arguments) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.filter();
    const int64_t first = phase * f.bias_phase + group * s.cout;
    const float *bias = f.bias;
    if (f.layout == FilterLayout::quads) {
        const ByteScales &scales = call.e.filters->in_bytes().scales(*call.e.plan, s.filter);
        view_bytes(call, views.filter, group, phase);
        bias = scales.bias;
        call.view(views.output_scale, scales.output_scale + first, {{0, s.cout, 1}});
        arguments.input_scale = scales.input_scale;
        arguments.input_zero = scales.input_zero;
        arguments.output_scale = views.output_scale.get();
    } else if (f.layout == FilterLayout::fixed_point) {
        view_quantized_1x1(call, views.filter);
    } else {
        view_filter(call, views.filter, f.weights + phase * f.phase + group * f.group);
    }
    call.view(views.bias, bias + first, {{0, s.cout, 1}});
    arguments.filter = views.filter.get();
    arguments.bias = views.bias.get();
    if (takes(key, Arg::slope)) {
        call.view(views.slope, f.slope + group * s.cout, {{0, s.cout, 1}});
        arguments.slope = views.slope.get();
    }
    if (takes(key, Arg::segment_stride))
        arguments.segment_stride = s.segment_stride;
    if (f.layout == FilterLayout::fixed_point) {
        const QuantizedScales &scales = call.e.filters->quantized().scales(*call.e.plan, s.filter);
        call.view(views.output_scale, scales.output_scale, {{0, s.cout, 1}});
        arguments.input_scale = scales.input_scale[0];
        arguments.output_scale = views.output_scale.get();
    }
}

int run_one(const StepCall &call, int group, int phase) {
    const slimscale_step &s = call.s;
    const contract::PipelineKey key = call.key();
    Views views;
    Arguments arguments(call.context());
    set_inputs(call, key, group, views, arguments);
    if (takes(key, Arg::filter))
        set_filter(call, key, group, phase, views, arguments);
    if (takes(key, Arg::output_min))
        arguments.output_min = call.output_min();
    if (s.add >= 0)
        call.add_tensor(views.addend, group * s.cout, s.cout, arguments);
    if (s.input_skip)
        call.add_image(views.addend, call.columns.begin, call.rows.begin, arguments);
    call.view_output(views.output, group * s.cout, s.cout, phase);
    arguments.output = views.output.get();
    return call.run(arguments);
}

}  // namespace

int run_apart(const StepCall &call) {
    const int phases = call.s.shuffle * call.s.shuffle;
    int status = 0;
    for (int group = 0; group < call.s.groups && status == 0; group++)
        for (int phase = 0; phase < phases && status == 0; phase++)
            status = run_one(call, group, phase);
    return status;
}

}  // namespace slimscale::runtime
