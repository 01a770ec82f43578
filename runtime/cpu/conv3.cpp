#include "runtime/cpu/conv3.h"

namespace slimscale::runtime::cpu {

namespace {

void view_quantized(const StepCall &call, BufferView &buffer, int64_t blocks, int phases) {
    const slimscale_step &s = call.s;
    const QuantizedFilter &f = call.e.filters->quantized()[s.filter];
    buffer.set(f.weights, halide_type_t(halide_type_int, 16),
               {{0, kPair, 1}, {0, kFilterBlock, kPair}, {0, s.cin / kPair, kFilterBlock * kPair}, {0, 6, f.frequency}, {0, 6, 6 * f.frequency}, {0, blocks, f.block}, {0, phases, f.phase}},
               call.e.device());
}

}  // namespace

int conv3(const StepCall &call) {
    const slimscale_step &s = call.s;
    const PackedFilter &f = call.filter();
    const TensorLayout &in = call.layout(s.inputs[0]), &out = call.layout(s.output);
    const int64_t blocks = int64_t{s.groups} * ((s.cout + kFilterBlock - 1) / kFilterBlock);
    const int factor = s.shuffle, phases = factor * factor;
    BufferView input, filter, bias, to, from, add, output;
    Arguments arguments(call.context());
    call.view_input(input, s.inputs[0], 0, s.groups * s.cin);
    if (call.e.tier->q16)
        view_quantized(call, filter, blocks, phases);
    else
        call.view(filter, f.weights,
                  {{0, kFilterBlock, 1}, {0, s.cin, kFilterBlock}, {0, 6, f.frequency}, {0, 6, 6 * f.frequency}, {0, blocks, f.block}, {0, phases, f.phase}});
    call.view(bias, f.bias, {{0, s.groups * s.cout, 1}, {0, phases, f.bias_phase}});
    arguments << input << in.base << in.ring << in.height << call.rows.begin << filter << bias << call.floor();
    if (call.e.tier->q16) {
        const QuantizedScales &scales = call.e.filters->quantized().scales(*call.e.plan, s.filter);
        call.view(to, scales.to, {{0, 6, 1}, {0, 6, 6}});
        call.view(from, scales.from, {{0, s.groups * s.cout, 1}, {0, phases, f.bias_phase}});
        arguments << to << from;
    }
    if (s.add >= 0) {
        call.view_input(add, s.add, 0, s.groups * s.cout);
        arguments << add << call.layout(s.add).base << call.layout(s.add).ring;
    }
    call.view(output, s.output, (call.rows.begin * factor + out.base) % out.ring * out.row + out.pixel,
              {{0, s.cout, 1}, {0, call.written(out.width / factor), out.pixel * factor}, {0, call.rows.end - call.rows.begin, out.row * factor}, {0, s.groups, s.cout}, {0, factor, out.pixel}, {0, factor, out.row}});
    arguments << output;
    return call.run(arguments);
}

}  // namespace slimscale::runtime::cpu
