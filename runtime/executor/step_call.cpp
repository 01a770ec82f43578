#include "runtime/executor/step_call.h"
#include "contract/compiled_target.h"

#include <algorithm>
#include <limits>

namespace slimscale::runtime {

namespace {

halide_type_t float_type(int bytes, bool bf16 = false) {
    return halide_type_t(bf16 ? halide_type_bfloat : halide_type_float, static_cast<uint8_t>(8 * bytes));
}

void set_addend(BufferView &view, const TensorLayout &layout, Arguments &arguments) {
    arguments.addend = view.get();
    arguments.add_base = layout.base;
    arguments.add_ring = layout.ring;
}

}  // namespace

float StepCall::output_min() const {
    return s.relu ? 0.0f : -std::numeric_limits<float>::infinity();
}

int StepCall::run(int pipeline, const contract::PipelineKey &pipeline_key, Arguments &arguments) const {
    void **packed = arguments.packed(pipeline_key);
    context()->pipeline = pipeline;
    return packed ? e.target->pipelines[pipeline](packed) : halide_error_code_internal_error;
}

void StepCall::view(BufferView &view, int tensor, int64_t values, std::initializer_list<Dim> dims) const {
    const TensorLayout &l = layout(tensor);
    const bool bf16 = contract::stored_type(contract::type_of(*e.target)) == contract::DataType::bf16 &&
                      l.value_bytes < static_cast<int>(sizeof(float));
    view.set(e.workspace + l.offset + values * l.value_bytes, float_type(l.value_bytes, bf16), dims, e.device());
}

void StepCall::view(BufferView &view, const float *filter, std::initializer_list<Dim> dims) const {
    view.set(filter, float_type(sizeof(float)), dims, e.device());
}

void StepCall::view_input(BufferView &input, int tensor, int channel, int channels) const {
    const TensorLayout &l = layout(tensor);
    const int whole = round_up(l.width, kTileRows);
    view(input, tensor, channel,
         {{0, channels, 1}, {-1, whole + contract::kReadableColumns + 1, l.pixel}, {0, l.ring + 1, l.row}});
}

int StepCall::strip_columns() const {
    return written(std::min(columns.end, layout(s.output).width / s.shuffle) - columns.begin);
}

void StepCall::view_strip(BufferView &input, int tensor, int channel, int channels) const {
    const TensorLayout &l = layout(tensor);
    if (columns.begin == 0 && columns.end >= l.width)
        return view_input(input, tensor, channel, channels);
    view(input, tensor, columns.begin * l.pixel + channel,
         {{0, channels, 1}, {-1, strip_columns() + contract::kReadableColumns + 1, l.pixel}, {0, l.ring + 1, l.row}});
}

void StepCall::add_tensor(BufferView &addend, int channel, int channels, Arguments &arguments) const {
    view_strip(addend, s.add, channel, channels);
    set_addend(addend, layout(s.add), arguments);
}

void StepCall::add_image(BufferView &image, int column0, int row0, Arguments &arguments) const {
    view_input(image, 0, 0, e.plan->tensors[0].channels);
    set_addend(image, layout(0), arguments);
    arguments.add_column0 = column0;
    arguments.add_row0 = row0;
}

void StepCall::view_output(BufferView &output, int channel, int channels, int phase) const {
    const TensorLayout &l = layout(s.output);
    const int factor = s.shuffle;
    const int row = (rows.begin * factor + l.base) % l.ring + phase / factor;
    const int64_t column = 1 + int64_t{columns.begin} * factor + phase % factor;
    view(output, s.output, row * l.row + column * l.pixel + channel,
         {{0, channels, 1}, {0, strip_columns(), l.pixel * factor}, {0, rows.end - rows.begin, l.row * factor}});
}

slimscale_status run_in_pieces(const Execution &e, const slimscale_step &step, Rows rows,
                               int (*piece)(const StepCall &), Error &error, int worker, Columns columns) {
    while (!rows.empty()) {
        const Rows whole = in_one_piece(step, e.tensors, rows);
        if (const int status = piece(StepCall(e, step, whole, worker, columns))) {
            if (e.call->fail_first())
                error.set(SLIMSCALE_PIPELINE_FAILED, "pipeline %s failed with code %d; please report this",
                          e.pipeline_names[step.pipeline], status);
            return SLIMSCALE_PIPELINE_FAILED;
        }
        rows.begin = whole.end;
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
