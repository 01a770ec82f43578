#include "runtime/cpu/conv3.h"

#include "runtime/executor/steps.h"

namespace slimscale::runtime::cpu {

namespace {

using contract::kAlpha;
using contract::kPair;

void view_quantized(const StepCall &call, BufferView &buffer, int64_t blocks, int phases) {
    const slimscale_step &s = call.s;
    const QuantizedFilter &f = call.e.filters->quantized()[s.filter];
    buffer.set(f.weights, halide_type_t(halide_type_int, 16),
               {{0, kPair, 1},
                {0, kFilterBlock, kPair},
                {0, s.cin / kPair, kFilterBlock * kPair},
                {0, kAlpha, f.element},
                {0, kAlpha, kAlpha * f.element},
                {0, blocks, f.block},
                {0, phases, f.phase}},
               call.e.device());
}

}  // namespace

int conv3(const StepCall &call) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.filter();
    if (f.layout == FilterLayout::pairs || f.layout == FilterLayout::quads)
        return run_apart(call);
    const TensorLayout &in = call.layout(s.inputs[0]), &out = call.layout(s.output);
    const int64_t blocks = int64_t{s.groups} * contract::filter_blocks(s.cout);
    const int factor = s.shuffle, phases = factor * factor;
    BufferView input, filter, bias, slope, input_scales, output_scale, addend, output;
    Arguments arguments(call.context());
    call.view_strip(input, s.inputs[0], 0, s.groups * s.cin);
    arguments.input[0] = input.get();
    arguments.base[0] = in.base;
    arguments.ring[0] = in.ring;
    arguments.height = in.height;
    arguments.row0 = call.rows.begin;
    if (f.layout == FilterLayout::fixed_point)
        view_quantized(call, filter, blocks, phases);
    else
        call.view(filter, f.weights,
                  {{0, kFilterBlock, 1},
                   {0, s.cin, kFilterBlock},
                   {0, kAlpha, f.element},
                   {0, kAlpha, kAlpha * f.element},
                   {0, blocks, f.block},
                   {0, phases, f.phase}});
    call.view(bias, f.bias, {{0, s.groups * s.cout, 1}, {0, phases, f.bias_phase}});
    arguments.filter = filter.get();
    arguments.bias = bias.get();
    if (s.prelu) {
        call.view(slope, f.slope, {{0, s.groups * s.cout, 1}});
        arguments.slope = slope.get();
    } else {
        arguments.output_min = call.output_min();
    }
    if (f.layout == FilterLayout::fixed_point) {
        const QuantizedScales &scales = call.e.filters->quantized().scales(*call.e.plan, s.filter);
        call.view(input_scales, scales.input_scale, {{0, kAlpha, 1}, {0, kAlpha, kAlpha}});
        call.view(output_scale, scales.output_scale, {{0, s.groups * s.cout, 1}, {0, phases, f.bias_phase}});
        arguments.input_scales = input_scales.get();
        arguments.output_scale = output_scale.get();
    }
    if (s.add >= 0)
        call.add_tensor(addend, 0, s.groups * s.cout, arguments);
    call.view(output, s.output,
              (call.rows.begin * factor + out.base) % out.ring * out.row +
                  (1 + int64_t{call.columns.begin} * factor) * out.pixel,
              {{0, s.cout, 1},
               {0, call.strip_columns(), out.pixel * factor},
               {0, call.rows.end - call.rows.begin, out.row * factor},
               {0, s.groups, s.cout},
               {0, factor, out.pixel},
               {0, factor, out.row}});
    arguments.output = output.get();
    return call.run(arguments);
}

}  // namespace slimscale::runtime::cpu
