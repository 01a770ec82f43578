#include "runtime/executor/executor.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/cpu/ranges.h"
#include "runtime/executor/buffers.h"
#include "runtime/filters/collapsed_tail.h"
#include "runtime/gpu/frame.h"
#include "runtime/plan/tile_chunk.h"
#include "weights/winograd.h"

namespace slimscale::runtime {

namespace {

// Columns right of an output's last that a collapsed tail's pipeline may read (kTailPadding of generators/blocks).
constexpr int kTailPadding = 8;

bool writes_image(const slimscale_step &s) {
    return s.kind == SLIMSCALE_STEP_TAIL || s.kind == SLIMSCALE_STEP_COLLAPSED_TAIL;
}

halide_type_t float_type(int bytes) {
    return halide_type_t(halide_type_float, static_cast<uint8_t>(8 * bytes));
}

// One step of one execution: makes the views and calls the pipeline; convolutions but CPUs' CONV3 group by group and
// shuffle phase by shuffle phase.
class StepRunner {
public:
    StepRunner(const Execution &execution, const slimscale_step &step)
        : e_(execution), s_(step) {}

    slimscale_status run(Rows rows, Error &error) {
        rows_ = rows;
        int status = 0;
        switch (s_.kind) {
        case SLIMSCALE_STEP_ROW_SUM:
            status = row_sum();
            break;
        case SLIMSCALE_STEP_GATE:
            status = gate();
            break;
        case SLIMSCALE_STEP_ATTEND:
            status = attend();
            break;
        case SLIMSCALE_STEP_COLLAPSED_TAIL:
            status = collapsed_tail();
            break;
        case SLIMSCALE_STEP_CONV3:
            status = !e_.call->device            ? groups_and_phases()
                     : winograd_of(*e_.tier, s_) ? winograd()
                                                 : convolutions();
            break;
        default:
            status = convolutions();
            break;
        }
        if (status != 0) {
            if (e_.call->fail_first())
                error.set(SLIMSCALE_PIPELINE_FAILED, "pipeline %s failed with code %d; please report this",
                          e_.pipeline_names[s_.pipeline], status);
            return error.status;
        }
        if (!e_.call->device && !writes_image(s_) && e_.plan->tensors[s_.output].rank == 3)
            clear_columns();
        return SLIMSCALE_OK;
    }

private:
    const TensorLayout &layout(int tensor) const { return e_.tensors[tensor]; }
    int call(Arguments &arguments) const { return call(s_.pipeline, arguments); }
    int call(int pipeline, Arguments &arguments) const {
        e_.call->pipeline = pipeline;
        return e_.tier->pipelines[pipeline](arguments.get());
    }
    int columns(int tensor) const { return round_up(layout(tensor).width, 4); }

    // The value `values` behind column -1 of row 0.
    const unsigned char *at(int tensor, int64_t values) const {
        const TensorLayout &l = layout(tensor);
        return e_.workspace + l.offset + values * l.value_bytes;
    }

    void view(BufferView &view, int tensor, int64_t values, std::initializer_list<Dim> dims) const {
        view.set(at(tensor, values), float_type(layout(tensor).value_bytes), dims, e_.call->device);
    }

    void view(BufferView &view, const float *filter, std::initializer_list<Dim> dims) const {
        view.set(filter, float_type(sizeof(float)), dims, e_.call->device);
    }

    // c, x from -1, buffer row: `channels` from `channel` on.
    void view_input(BufferView &input, int tensor, int channel, int channels) const {
        const TensorLayout &l = layout(tensor);
        view(input, tensor, channel,
             {{0, channels, 1}, {-1, columns(tensor) + kColumnSlack + 1, l.pixel}, {0, l.ring + 1, l.row}});
    }

    // c, x from 0, y from 0 = grid row rows_.begin; phase p of the shuffle writes every s-th column and row. Whole tiles on
    // CPUs, the frame's columns on devices.
    void view_output(BufferView &output, int channel, int channels, int phase, int row_count) const {
        const TensorLayout &l = layout(s_.output);
        const int factor = s_.shuffle, width = l.width / factor;
        const int grid_columns = e_.call->device ? width : round_up(width, 4);
        const int row = (rows_.begin * factor + l.base) % l.ring + phase / factor;
        view(output, s_.output, row * l.row + (1 + phase % factor) * l.pixel + channel,
             {{0, channels, 1}, {0, grid_columns, l.pixel * factor}, {0, row_count, l.row * factor}});
    }

    void view_quantized(BufferView &buffer, int64_t blocks, int phases) const {
        const QuantizedFilter &f = e_.filters->quantized()[s_.filter];
        buffer.set(f.weights, halide_type_t(halide_type_int, 16),
                   {{0, kPair, 1}, {0, kFilterBlock, kPair}, {0, s_.cin / kPair, kFilterBlock * kPair}, {0, 6, f.frequency}, {0, 6, 6 * f.frequency}, {0, blocks, f.block}, {0, phases, f.phase}},
                   nullptr);
    }

    // Of a 1x1 convolution, which has neither groups nor phases.
    void view_quantized_1x1(BufferView &buffer) const {
        const QuantizedFilter &f = e_.filters->quantized()[s_.filter];
        const int64_t blocks = (s_.cout + kFilterBlock - 1) / kFilterBlock,
                      inputs = (s_.input_count - 1) * s_.segment_stride + s_.cin;
        buffer.set(f.weights, halide_type_t(halide_type_int, 16),
                   {{0, kPair, 1},
                    {0, kFilterBlock, kPair},
                    {0, inputs / kPair, kFilterBlock * kPair},
                    {0, blocks, f.block}},
                   nullptr);
    }

    // Processors' 3x3 convolutions compute all groups and phases in one call.
    int groups_and_phases() {
        const FilterForm &f = (*e_.filters)[s_.filter];
        const TensorLayout &in = layout(s_.inputs[0]), &out = layout(s_.output);
        const int64_t blocks = int64_t{s_.groups} * ((s_.cout + kFilterBlock - 1) / kFilterBlock);
        const int factor = s_.shuffle, phases = factor * factor;
        BufferView input, filter, bias, to, from, add, output;
        Arguments arguments(e_.call->outer());
        view_input(input, s_.inputs[0], 0, s_.groups * s_.cin);
        if (e_.tier->q16)
            view_quantized(filter, blocks, phases);
        else
            view(filter, f.weights,
                 {{0, kFilterBlock, 1}, {0, s_.cin, kFilterBlock}, {0, 6, f.frequency}, {0, 6, 6 * f.frequency}, {0, blocks, f.block}, {0, phases, f.phase}});
        view(bias, f.bias, {{0, s_.groups * s_.cout, 1}, {0, phases, f.bias_phase}});
        arguments << input << in.base << in.ring << in.height << rows_.begin << filter << bias << floor();
        if (e_.tier->q16) {
            const QuantizedScales &scales = e_.filters->quantized().scales(*e_.plan, s_.filter);
            view(to, scales.to, {{0, 6, 1}, {0, 6, 6}});
            view(from, scales.from, {{0, s_.groups * s_.cout, 1}, {0, phases, f.bias_phase}});
            arguments << to << from;
        }
        if (s_.add >= 0) {
            view_input(add, s_.add, 0, s_.groups * s_.cout);
            arguments << add << layout(s_.add).base << layout(s_.add).ring;
        }
        view(output, s_.output, (rows_.begin * factor + out.base) % out.ring * out.row + out.pixel,
             {{0, s_.cout, 1}, {0, round_up(out.width / factor, 4), out.pixel * factor}, {0, rows_.end - rows_.begin, out.row * factor}, {0, s_.groups, s_.cout}, {0, factor, out.pixel}, {0, factor, out.row}});
        arguments << output;
        return call(arguments);
    }

    float floor() const { return s_.relu ? 0.0f : -std::numeric_limits<float>::infinity(); }

    int convolutions() {
        const FilterForm &filter = (*e_.filters)[s_.filter];
        const int phases = s_.shuffle * s_.shuffle;
        for (int group = 0; group < s_.groups; group++)
            for (int phase = 0; phase < phases; phase++) {
                const int status =
                    convolution(group, phase, filter.weights + phase * filter.phase + group * filter.group,
                                filter.bias + phase * filter.bias_phase + group * s_.cout);
                if (status != 0)
                    return status;
            }
        return 0;
    }

    void view_filter(BufferView &buffer, const float *weights) const {
        const FilterForm &f = (*e_.filters)[s_.filter];
        const int64_t blocks = (s_.cout + kFilterBlock - 1) / kFilterBlock;
        switch (s_.kind) {
        case SLIMSCALE_STEP_HEAD:
            view(buffer, weights, {{0, 16, 1}, {0, 3, 16}, {0, 3, 48}, {0, s_.cin, 144}, {0, blocks, f.block}});
            break;
        case SLIMSCALE_STEP_CONV3:  // on devices
            view(buffer, weights,
                 {{0, 32, 1}, {0, 3, 32}, {0, 3, 96}, {0, s_.cin, 288}, {0, (blocks + 1) / 2, f.block}});
            break;
        case SLIMSCALE_STEP_CONV1:
            view(buffer, weights,
                 {{0, 16, 1}, {0, (s_.input_count - 1) * s_.segment_stride + s_.cin, 16}, {0, blocks, f.block}});
            break;
        default: {  // TAIL
            const int64_t padded = round_up(f.inputs, kFilterBlock);
            view(buffer, weights, {{0, s_.cin, 1}, {0, 3, padded}, {0, 3, 3 * padded}, {0, s_.cout, 9 * padded}});
        }
        }
    }

    int convolution(int group, int phase, const float *weights, const float *bias) {
        const bool pointwise = s_.kind == SLIMSCALE_STEP_CONV1, q16 = pointwise && e_.tier->q16;
        BufferView inputs[4], filter, bias_view, from, add, output;
        Arguments arguments(e_.call->outer());
        for (int k = 0; k < s_.input_count; k++) {
            const TensorLayout &in = layout(s_.inputs[k]);
            view_input(inputs[k], s_.inputs[k], group * s_.cin, s_.cin);
            arguments << inputs[k] << in.base << in.ring;
            if (!pointwise)
                arguments << in.height;
        }
        arguments << rows_.begin;
        if (q16)
            view_quantized_1x1(filter);
        else
            view_filter(filter, weights);
        arguments << filter;
        if (pointwise)
            arguments << s_.segment_stride;
        view(bias_view, bias, {{0, s_.cout, 1}});
        arguments << bias_view;
        if (s_.kind == SLIMSCALE_STEP_CONV3 || pointwise)
            arguments << floor();
        if (q16) {
            const QuantizedScales &scales = e_.filters->quantized().scales(*e_.plan, s_.filter);
            view(from, scales.from, {{0, s_.cout, 1}});
            arguments << scales.to[0] << from;
        }
        if (s_.add >= 0) {
            view_input(add, s_.add, group * s_.cout, s_.cout);
            arguments << add << layout(s_.add).base << layout(s_.add).ring;
        }
        view_output(output, group * s_.cout, s_.cout, phase, rows_.end - rows_.begin);
        arguments << output;
        return call(arguments);
    }

    // Three launches per chunk of rows, the first of them once for all phases of a shuffle.
    int winograd() {
        const slimscale_winograd &three = *winograd_of(*e_.tier, s_);
        const FilterForm &filter = e_.filters->winograd(s_.filter);
        const Rows all = rows_;
        chunk_ = tile_chunk(s_, e_.tensors, e_.frame);
        const int rows = chunk_.rows * kTileRows;
        int status = 0;
        for (rows_.begin = all.begin; rows_.begin < all.end && status == 0; rows_.begin += rows) {
            rows_.end = std::min(rows_.begin + rows, all.end);
            for (int group = 0; group < s_.groups && status == 0; group++) {
                status = transform_inputs(three.input, group);
                for (int phase = 0; phase < s_.shuffle * s_.shuffle && status == 0; phase++) {
                    status = multiply(three.product, filter.weights + phase * filter.phase + group * filter.group);
                    if (status == 0)
                        status = transform_outputs(three.output, group, phase,
                                                   filter.bias + phase * filter.bias_phase + group * s_.cout);
                }
            }
        }
        return status;
    }

    // c, tx, ty, k, l of the chunk's rows.
    void view_tiles(BufferView &tiles, const unsigned char *memory, int channels, int64_t frequency) const {
        constexpr int kSide = winograd::kFrequencies;
        tiles.set(memory, float_type(sizeof(float)),
                  {{0, channels, 1},
                   {0, chunk_.columns, channels},
                   {0, (rows_.end - rows_.begin) / kTileRows, int64_t{channels} * chunk_.columns},
                   {0, kSide, frequency},
                   {0, kSide, kSide * frequency}},
                  e_.call->device);
    }

    // The same tiles in one row, c, tile, f, with those that fill up.
    void view_tile_row(BufferView &tiles, const unsigned char *memory, int channels, int64_t frequency) const {
        const int count = chunk_.columns * (rows_.end - rows_.begin) / kTileRows;
        tiles.set(memory, float_type(sizeof(float)),
                  {{0, channels, 1},
                   {0, round_up(count, winograd::kTilesTogether), channels},
                   {0, winograd::kFrequencies * winograd::kFrequencies, frequency}},
                  e_.call->device);
    }

    int transform_inputs(int pipeline, int group) {
        const TensorLayout &in = layout(s_.inputs[0]);
        BufferView input, tiles;
        view_input(input, s_.inputs[0], group * s_.cin, s_.cin);
        view_tiles(tiles, e_.chunk, s_.cin, chunk_.input_frequency);
        Arguments arguments(e_.call->outer());
        arguments << input << in.base << in.ring << in.height << rows_.begin << tiles;
        return call(pipeline, arguments);
    }

    int multiply(int pipeline, const float *weights) {
        const FilterForm &f = e_.filters->winograd(s_.filter);
        const int64_t blocks = (s_.cout + kDeviceFilterBlock - 1) / kDeviceFilterBlock;
        BufferView inputs, filter, products;
        view_tile_row(inputs, e_.chunk, s_.cin, chunk_.input_frequency);
        view(filter, weights,
             {{0, kDeviceFilterBlock, 1},
              {0, s_.cin, kDeviceFilterBlock},
              {0, blocks, f.block},
              {0, winograd::kFrequencies * winograd::kFrequencies, f.frequency}});
        view_tile_row(products, e_.chunk + chunk_.products, s_.cout, chunk_.output_frequency);
        Arguments arguments(e_.call->outer());
        arguments << inputs << filter << products;
        return call(pipeline, arguments);
    }

    int transform_outputs(int pipeline, int group, int phase, const float *bias) {
        BufferView products, bias_view, add, output;
        view_tiles(products, e_.chunk + chunk_.products, s_.cout, chunk_.output_frequency);
        view(bias_view, bias, {{0, s_.cout, 1}});
        Arguments arguments(e_.call->outer());
        arguments << products << bias_view << (s_.relu ? 0.0f : -std::numeric_limits<float>::infinity());
        if (s_.add >= 0) {
            view_input(add, s_.add, group * s_.cout, s_.cout);
            arguments << add << layout(s_.add).base << layout(s_.add).ring << rows_.begin;
        }
        view_output(output, group * s_.cout, s_.cout, phase, rows_.end - rows_.begin);
        arguments << output;
        return call(pipeline, arguments);
    }

    int row_sum() {
        const TensorLayout &in = layout(s_.inputs[0]);
        BufferView input, sums;
        view_input(input, s_.inputs[0], 0, s_.cin);
        view(sums, s_.output, 0, {{0, s_.cin, 1}, {0, in.height, s_.cin}});
        Arguments arguments(e_.call->outer());
        arguments << input << in.base << in.ring << 0 << in.width << sums;
        return call(arguments);
    }

    int gate() {
        const FilterForm &squeeze = (*e_.filters)[s_.filter], &expand = (*e_.filters)[s_.filter2];
        const TensorLayout &frame = layout(s_.inputs[0]);
        const int64_t squeeze_blocks = (s_.cout + kFilterBlock - 1) / kFilterBlock,
                      expand_blocks = (s_.cin + kFilterBlock - 1) / kFilterBlock;
        BufferView sums, w1, b1, w2, b2, factors;
        view(sums, s_.inputs[0], 0, {{0, s_.cin, 1}, {0, frame.height, s_.cin}});
        view(w1, squeeze.weights, {{0, 16, 1}, {0, s_.cin, 16}, {0, squeeze_blocks, squeeze.block}});
        view(b1, squeeze.bias, {{0, s_.cout, 1}});
        view(w2, expand.weights, {{0, 16, 1}, {0, s_.cout, 16}, {0, expand_blocks, expand.block}});
        view(b2, expand.bias, {{0, s_.cin, 1}});
        view(factors, s_.output, 0, {{0, s_.cin, 1}});
        Arguments arguments(e_.call->outer());
        arguments << sums << frame.width * frame.height << w1 << b1 << w2 << b2 << factors;
        return call(arguments);
    }

    int attend() {
        const TensorLayout &in = layout(s_.inputs[0]), &skip = layout(s_.add);
        BufferView input, factors, add, output;
        view_input(input, s_.inputs[0], 0, s_.cin);
        view(factors, s_.inputs[1], 0, {{0, s_.cin, 1}});
        view_input(add, s_.add, 0, s_.cin);
        view_output(output, 0, s_.cin, 0, rows_.end - rows_.begin);
        Arguments arguments(e_.call->outer());
        arguments << input << in.base << in.ring << factors << add << skip.base << skip.ring << rows_.begin << output;
        return call(arguments);
    }

    // One call per phase and filter. Along x they go from left to right: what whole tiles of four columns write behind
    // their own is then written by the next call, or lies outside the frame.
    int collapsed_tail() {
        const TensorLayout &in = layout(s_.inputs[0]);
        for (int phase = 0; phase < s_.shuffle * s_.shuffle; phase++) {
            PhaseSpan rows[2], columns[2];
            const int row_spans = phase_spans(phase / s_.shuffle, s_.shuffle, rows_, in.height, rows);
            const int column_spans = phase_spans(phase % s_.shuffle, s_.shuffle, {0, in.width}, in.width, columns);
            for (int r = 0; r < row_spans; r++)
                for (int c = 0; c < column_spans; c++) {
                    const int status = tail_phase(phase, rows[r], columns[c]);
                    if (status != 0)
                        return status;
                }
        }
        return 0;
    }

    // The pipeline's taps begin one row and one column before its pixel: views and row0 are moved to where they lie.
    int tail_phase(int phase, PhaseSpan rows, PhaseSpan columns) {
        const TensorLayout &in = layout(s_.inputs[0]), &out = layout(s_.output);
        const FilterForm &form = e_.filters->collapsed(*e_.plan);
        const int filter = rows.filter * collapsed_filters(s_.shuffle) + columns.filter;
        const int64_t padded = round_up(form.inputs, kFilterBlock), row_taps = padded * kCollapsedTaps,
                      taps = row_taps * kCollapsedTaps;
        const int width = columns.end - columns.begin, written = e_.call->device ? width : round_up(width, 4);
        const int64_t first_column = columns.begin + first_tap(columns.filter) + 1;  // behind column -1
        const int64_t row = (rows.begin * s_.shuffle + out.base) % out.ring + phase / s_.shuffle;
        const int64_t column = 1 + columns.begin * s_.shuffle + phase % s_.shuffle;

        BufferView input, weights, bias, output;
        view(input, s_.inputs[0], first_column * in.pixel,
             {{0, s_.cin, 1}, {-1, written + kTailPadding + 1, in.pixel}, {0, in.ring + 1, in.row}});
        view(weights, form.weights + filter * form.phase,
             {{0, s_.cin, 1}, {0, kCollapsedTaps, padded}, {0, kCollapsedTaps, row_taps}, {0, s_.cout, taps}});
        view(bias, form.bias + filter * form.bias_phase, {{0, s_.cout, 1}});
        view(output, s_.output, row * out.row + column * out.pixel,
             {{0, s_.cout, 1}, {0, written, out.pixel * s_.shuffle}, {0, rows.end - rows.begin, out.row * s_.shuffle}});
        Arguments arguments(e_.call->outer());
        arguments << input << in.base << in.ring << in.height << rows.begin + first_tap(rows.filter) + 1;
        arguments << weights << bias << output;
        return call(arguments);
    }

    // Pipelines write whole tiles; the columns that the next 3x3 reads beyond the frame must be zero.
    void clear_columns() const {
        const TensorLayout &l = layout(s_.output);
        const auto pixel_bytes = static_cast<size_t>(l.pixel) * sizeof(float);
        const auto right = static_cast<size_t>(zero_columns(l));
        for (int y = rows_.begin * s_.shuffle; y < rows_.end * s_.shuffle; y++) {
            float *row = reinterpret_cast<float *>(e_.workspace + l.offset) + (y + l.base) % l.ring * l.row;
            std::memset(row, 0, pixel_bytes);
            std::memset(row + (1 + l.width) * l.pixel, 0, right * pixel_bytes);
        }
    }

    const Execution &e_;
    const slimscale_step &s_;
    Rows rows_{};        // of a chunk, by Winograd on devices
    TileChunk chunk_{};  // then
};

// Rows of the caller's images, in parallel.
struct RowLoop {
    const Execution *e;
    const slimscale_image *input, *output;
    int begin;
};

void load_task(void *data, int index, int) {
    const auto &loop = *static_cast<RowLoop *>(data);
    const TensorLayout &l = loop.e->tensors[0];
    const int y = loop.begin + index;
    float *row = reinterpret_cast<float *>(loop.e->workspace + l.offset) + (y + l.base) % l.ring * l.row;
    std::memset(row, 0, static_cast<size_t>(l.pixel) * sizeof(float));
    load_row(*loop.input, y, loop.e->color, row + l.pixel);
    std::memset(row + (1 + l.width) * l.pixel, 0,
                static_cast<size_t>(zero_columns(l) * l.pixel) * sizeof(float));
}

void store_task(void *data, int index, int) {
    const auto &loop = *static_cast<RowLoop *>(data);
    const slimscale_step &last = loop.e->plan->steps[loop.e->plan->step_count - 1];
    const TensorLayout &l = loop.e->tensors[last.output];
    const int y = loop.begin + index;
    const float *row = reinterpret_cast<float *>(loop.e->workspace + l.offset) + (y + l.base) % l.ring * l.row;
    store_row(*loop.output, y, loop.e->color, row + l.pixel);
    if (has_alpha(loop.input->format))
        upscale_alpha_row(*loop.input, *loop.output, loop.output->height / loop.input->height, y);
}

void for_rows(const Execution &e, const slimscale_image &input, const slimscale_image &output, Rows rows,
              void (*task)(void *, int, int)) {
    if (rows.empty())
        return;
    RowLoop loop{&e, &input, &output, rows.begin};
    e.call->pool.run(e.call->pool.opaque, rows.end - rows.begin, task, &loop);
}

}  // namespace

slimscale_status clear_borders(const Execution &e, Error &error) {
    if (e.call->device)
        return DeviceFrame(e).clear_borders(error);
    for (int t = 0; t < e.plan->tensor_count; t++) {
        if (e.plan->tensors[t].rank != 3)
            continue;
        const TensorLayout &l = e.tensors[t];
        std::memset(e.workspace + l.offset + static_cast<size_t>(l.ring * l.row) * sizeof(float), 0,
                    static_cast<size_t>(l.row) * sizeof(float));
    }
    return SLIMSCALE_OK;
}

slimscale_status run_frame(const Execution &e, const slimscale_image &input, const slimscale_image &output,
                           Error &error) {
    e.call->failed = false;
    DeviceFrame device(e);
    if (e.call->device && device.begin(input, output, error) != SLIMSCALE_OK)
        return error.status;
    for (int band = 0; band < e.frame.bands; band++) {
        const int band_rows = e.frame.band_rows > 0 ? e.frame.band_rows : e.frame.height;
        const Rows loaded{band * band_rows, std::min((band + 1) * band_rows, e.frame.height)};
        if (!e.call->device)
            for_rows(e, input, output, loaded, load_task);
        else if (device.load(loaded, error) != SLIMSCALE_OK)
            return error.status;
        Rows rows{};  // in the end, the last step's: those of the image before its shuffle
        for (int i = 0; i < e.plan->step_count; i++) {
            const slimscale_step &step = e.plan->steps[i];
            rows = step_rows(step, e.tensors, e.frame, band);
            if (e.probe && has_fixed_point(step.kind) && !rows.empty())
                probe_step(e, step, rows, *e.probe);
            for (Rows left = rows; !left.empty();) {
                const Rows piece = in_one_piece(step, e.tensors, left);
                if (StepRunner(e, step).run(piece, error) != SLIMSCALE_OK)
                    return error.status;
                left.begin = piece.end;
            }
        }
        if (e.probe)
            continue;
        const int factor = e.plan->steps[e.plan->step_count - 1].shuffle;
        const Rows stored{std::max(0, rows.begin * factor), std::min(rows.end * factor, output.height)};
        if (!e.call->device)
            for_rows(e, input, output, stored, store_task);
        else if (device.store(stored, error) != SLIMSCALE_OK)
            return error.status;
    }
    return e.call->device ? device.end(error) : SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
