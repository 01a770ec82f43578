#include "tests/runtime/plain_executor.h"

#include <HalideRuntime.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "contract/call.h"
#include "contract/operation.h"
#include "contract/winograd.h"

namespace slimscale::test {

namespace {

constexpr int kTop =
    24;  // rows above the frame that a tile anchored before it may touch; pixel-shuffled: times 2, 3 or 4
constexpr int kRight = 48;  // columns past the frame
constexpr int kLeft = 2;    // columns before the frame; a collapsed tail computes with the second and does not use it
constexpr int kRows = 64;   // all rows beyond the frame; the last one is the zero row

size_t index(int n) {
    return static_cast<size_t>(n);
}

int up4(int n) {
    return (n + 3) / 4 * 4;
}

// A tensor (c, x, row) that begins at x = -kLeft; frame row y is row y + kTop.
struct Map {
    int channels = 0, width = 0, height = 0, lag = 0;
    std::vector<float> data;

    int columns() const { return kLeft + up4(width) + kRight; }
    int ring() const { return height + kRows - 1; }
    float *at(int x, int y) {
        return &data[(static_cast<size_t>(y + kTop) * columns() + static_cast<size_t>(x + kLeft)) * channels];
    }
};

using contract::facts_of;
using contract::Operation;

Operation operation_of(const slimscale_step &s) {
    return static_cast<Operation>(s.kind);
}

struct Buffer {
    halide_buffer_t buffer{};
    halide_dimension_t dims[6];

    Buffer(const float *host, const std::vector<std::array<int, 3>> &shape) {  // min, extent, stride
        for (size_t i = 0; i < shape.size(); i++)
            dims[i] = halide_dimension_t(shape[i][0], shape[i][1], shape[i][2]);
        buffer.host = reinterpret_cast<uint8_t *>(const_cast<float *>(host));
        buffer.type = halide_type_of<float>();
        buffer.dimensions = static_cast<int>(shape.size());
        buffer.dim = dims;
    }
};

// A call that owns its buffers.
struct Call : contract::Call {
    std::vector<std::unique_ptr<Buffer>> buffers;

    halide_buffer_t *buffer(const float *host, const std::vector<std::array<int, 3>> &shape) {
        buffers.push_back(std::make_unique<Buffer>(host, shape));
        return &buffers.back()->buffer;
    }
    // A view from column -1 on, moved by `shift` columns.
    halide_buffer_t *map(Map &m, int channel, int channels, int shift = 0) {
        return buffer(
            m.data.data() + (kLeft - 1 + shift) * m.channels + channel,
            {{0, channels, 1}, {-1, m.columns() - kLeft, m.channels}, {0, m.ring() + 1, m.columns() * m.channels}});
    }
    void run(const slimscale_step &s, slimscale_pipeline function) {
        contract::PipelineKey key;
        key.pipeline = contract::pipeline(facts_of(operation_of(s)).block, s.cin, s.cout);
        key.pipeline.segments = s.input_count;
        key.pipeline.add = s.add >= 0;
        if (s.prelu)
            key.pipeline.activation = contract::Activation::prelu;
        key.pipeline.skip = s.input_skip ? s.input_scale : 0;
        void *context = nullptr, *arguments[contract::kMostArguments];
        if (const char *wrong = pack(key, *this, &context, arguments))
            throw std::runtime_error("a pipeline's arguments do not fit: " + std::string(wrong));
        if (function(arguments) != 0)
            throw std::runtime_error("a pipeline failed");
    }
};

class Executor {
public:
    Executor(const slimscale_model *model, const std::string &target, int width) : model_(*model) {
        if (open_blob(model->blob, model->blob_size, &blob_))
            throw std::runtime_error("bad blob");
        for (int i = 0; i < model->target_count; i++)
            if (target == model->targets[i].name)
                target_ = &model->targets[i];
        for (int i = 0; i < model->plan_count; i++)
            if (model->plans[i].channels == width)
                plan_ = &model->plans[i];
        if (!target_ || !plan_)
            throw std::runtime_error("no such width or target");
        maps_.resize(static_cast<size_t>(plan_->tensor_count));
    }

    const PlainRanges &ranges() const { return ranges_; }

    reference::Volume run(const reference::Volume &image) {
        for (int t = 0; t < plan_->tensor_count; t++) {
            Map &m = maps_[static_cast<size_t>(t)];
            m.channels = plan_->tensors[t].channels;
            m.width = image.width * plan_->tensors[t].scale;
            m.height = image.height * plan_->tensors[t].scale;
            m.data.assign(static_cast<size_t>(m.columns()) * static_cast<size_t>(m.ring() + 1) *
                              static_cast<size_t>(m.channels),
                          0.0f);
        }
        load(image);
        ranges_.most.assign(blob_.header->filter_count * 36, 0.0);
        for (int i = 0; i < plan_->step_count; i++) {
            if (operation_of(plan_->steps[i]) == Operation::conv3x3)
                measure(plan_->steps[i]);
            if (operation_of(plan_->steps[i]) == Operation::conv1x1)
                measure_pixels(plan_->steps[i]);
            step(plan_->steps[i]);
        }
        return store();
    }

private:
    Map &map(int t) { return maps_[static_cast<size_t>(t)]; }

    void load(const reference::Volume &image) {
        const BlobHeader &h = *blob_.header;
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width; x++)
                for (int c = 0; c < image.channels; c++)
                    map(0).at(x, y)[c] = (static_cast<float>(image.at(c, y, x)) - h.mean[c]) * h.range;
    }

    reference::Volume store() {
        Map &m = map(plan_->steps[plan_->step_count - 1].output);
        const BlobHeader &h = *blob_.header;
        reference::Volume image(m.channels, m.height, m.width);
        for (int y = 0; y < m.height; y++)
            for (int x = 0; x < m.width; x++)
                for (int c = 0; c < m.channels; c++)
                    image.at(c, y, x) = static_cast<double>(m.at(x, y)[c] / h.range + h.mean[c]);
        return image;
    }

    // Row p has the coefficients of the product of (x - q) over Winograd's finite points q except the p-th, row 5 of
    // that over all of them.
    static std::array<std::array<double, 6>, 6> input_matrix() {
        const double points[] = {0, std::sqrt(0.5), -std::sqrt(0.5), std::sqrt(2.0), -std::sqrt(2.0)};
        std::array<std::array<double, 6>, 6> matrix{};
        for (int p = 0; p < 6; p++) {
            std::array<double, 6> &row = matrix[index(p)];
            row[0] = 1;
            for (int q = 0; q < 5; q++)
                for (int n = 5; q != p && n >= 0; n--)
                    row[index(n)] = (n > 0 ? row[index(n - 1)] : 0) - points[q] * row[index(n)];
        }
        return matrix;
    }

    // V(l, k) of the tile whose outputs begin at (x0, y0).
    double transformed(Map &in, int channel, int x0, int y0, int l, int k) {
        double sum = 0;
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 6; x++)
                sum += matrix_[index(l)][index(y)] * matrix_[index(k)][index(x)] *
                       static_cast<double>(in.at(x0 + x - 1, y0 + y - 1)[channel]);
        return sum;
    }

    void measure(const slimscale_step &s) {
        Map &in = map(s.inputs[0]);
        for (int y0 = -(lag(s) % 4); y0 < in.height; y0 += 4)
            for (int x0 = 0; x0 < in.width; x0 += 4)
                for (int channel = 0; channel < in.channels; channel++)
                    for (int f = 0; f < 36; f++) {
                        double &most = ranges_.most[index(s.filter * 36 + f)];
                        most = std::max(most, std::abs(transformed(in, channel, x0, y0, f / 6, f % 6)));
                        ranges_.values++;
                    }
    }

    void measure_pixels(const slimscale_step &s) {
        double &most = ranges_.most[index(s.filter * 36)];
        for (int i = 0; i < s.input_count; i++) {
            Map &in = map(s.inputs[i]);
            for (int y = 0; y < in.height; y++)
                for (int x = 0; x < in.width; x++)
                    for (int channel = 0; channel < in.channels; channel++) {
                        most = std::max(most, std::abs(static_cast<double>(in.at(x, y)[channel])));
                        ranges_.values++;
                    }
        }
    }

    void step(const slimscale_step &s) {
        const slimscale_pipeline pipeline = target_->pipelines[s.pipeline];
        switch (operation_of(s)) {
        case Operation::row_sum:
            row_sum(s, pipeline);
            break;
        case Operation::squeeze_excite:
            squeeze_excite(s, pipeline);
            break;
        case Operation::attend:
            attend(s, pipeline);
            break;
        case Operation::collapsed_tail:
            collapsed_tail(s, pipeline);
            break;
        default:
            for (int g = 0; g < s.groups; g++)
                for (int p = 0; p < s.shuffle * s.shuffle; p++)
                    convolve(s, g, p, pipeline);
        }
        Map &out = map(s.output);
        out.lag = lag(s) * s.shuffle;
        for (int y = -kTop; y < out.height + kRows - kTop; y++)  // sets everything outside the frame to zero
            for (int x = -kLeft; x < out.columns() - kLeft; x++)
                if (x < 0 || y < 0 || x >= out.width || y >= out.height)
                    std::fill_n(out.at(x, y), out.channels, 0.0f);
    }

    // Each 3x3 lags its producer by a row, and a collapsed tail by two rows. Tiles start at row -lag modulo 4.
    int lag(const slimscale_step &s) {
        int most = s.add >= 0 ? map(s.add).lag : 0;
        const Operation o = operation_of(s);
        const bool three = o == Operation::head || o == Operation::conv3x3 || o == Operation::tail;
        const int rows = o == Operation::collapsed_tail ? 2 : three;
        for (int i = 0; i < s.input_count; i++)
            most = std::max(most, map(s.inputs[i]).lag + rows);
        return most;
    }

    void set_addend(Call &call, const slimscale_step &s, int group, int channels) {
        call.addend = call.map(map(s.add), group * channels, channels);
        call.add_base = kTop;
        call.add_ring = map(s.add).ring();
    }

    // Makes the whole image the addend of an output whose row 0 is row `row0` of the step's grid.
    void set_image(Call &call, int row0) {
        Map &image = map(0);
        call.addend = call.map(image, 0, image.channels);
        call.add_base = kTop;
        call.add_ring = image.ring();
        call.add_column0 = 0;
        call.add_row0 = row0;
    }

    void set_output(Call &call, const slimscale_step &s, int group, int phase) {
        Map &out = map(s.output);
        const int factor = s.shuffle, first = -(lag(s) % 4), width = out.width / factor, height = out.height / factor;
        std::vector<std::array<int, 3>> shape{{0, s.cout, 1},
                                              {0, up4(width), out.channels * factor},
                                              {0, up4(height - first), out.columns() * out.channels * factor}};
        if (operation_of(s) == Operation::conv3x3)  // with one group and one phase
            shape.insert(shape.end(), 3, {0, 1, 0});
        call.output = call.buffer(out.at(phase % factor, first * factor + phase / factor) + group * s.cout, shape);
    }

    void convolve(const slimscale_step &s, int group, int phase, slimscale_pipeline pipeline) {
        Call call;
        const int first = -(lag(s) % 4);
        const Operation o = operation_of(s);
        for (int i = 0; i < s.input_count; i++) {
            Map &in = map(s.inputs[i]);
            call.input[i] = call.map(in, group * s.cin, s.cin);
            call.base[i] = kTop;
            call.ring[i] = in.ring();
        }
        if (o == Operation::conv1x1)
            call.segment_stride = s.segment_stride;
        else
            call.height = map(s.inputs[0]).height;
        call.row0 = first;
        const std::vector<float> filter = set_filter(call, s, group, phase);
        const BlobFilter &f = blob_.filters[s.filter];
        const float *bias =
            blob_.bias(static_cast<uint32_t>(s.filter)) + static_cast<size_t>(phase) * bias_stride(f) + group * s.cout;
        if (o == Operation::conv3x3)
            call.bias = call.buffer(bias, {{0, s.cout, 1}, {0, 1, 0}});
        else
            call.bias = call.buffer(bias, {{0, s.cout, 1}});
        if (s.prelu)
            call.slope = call.buffer(blob_.slope(static_cast<uint32_t>(s.filter)) + group * s.cout, {{0, s.cout, 1}});
        else if (o == Operation::conv3x3 || o == Operation::conv1x1)
            call.output_min = s.relu ? 0.0f : -std::numeric_limits<float>::infinity();
        if (s.add >= 0)
            set_addend(call, s, group, s.cout);
        if (s.input_skip)
            set_image(call, first);
        set_output(call, s, group, phase);
        call.run(s, pipeline);
    }

    // Packs the filter for the pipeline from the blob, and returns the memory that the call points into.
    std::vector<float> set_filter(Call &call, const slimscale_step &s, int group, int phase) {
        const BlobFilter &f = blob_.filters[s.filter];
        const int inputs = static_cast<int>(f.inputs), taps = static_cast<int>(f.kernel * f.kernel),
                  blocks = static_cast<int>(block_count(f));
        const Operation operation = operation_of(s);
        const int used = operation == Operation::conv1x1 ? (s.input_count - 1) * s.segment_stride + s.cin : s.cin;
        const int block0 = group * (s.cout / 16), used_blocks = (s.cout + 15) / 16;
        const float *plain =
            blob_.weights(static_cast<uint32_t>(s.filter)) + static_cast<size_t>(phase) * phase_stride(f);
        const auto at = [&](int block, int ci, int tap, int o) {
            return plain[((block * inputs + ci) * taps + tap) * 16 + o];
        };
        std::vector<float> memory;
        if (operation == Operation::head) {
            call.filter =
                call.buffer(plain, {{0, 16, 1}, {0, 3, 16}, {0, 3, 48}, {0, used, 144}, {0, blocks, 144 * inputs}});
        } else if (operation == Operation::conv1x1) {
            call.filter = call.buffer(plain, {{0, 16, 1}, {0, used, 16}, {0, blocks, 16 * inputs}});
        } else if (operation == Operation::tail) {
            for (int o = 0; o < s.cout; o++)
                for (int tap = 0; tap < 9; tap++)
                    for (int ci = 0; ci < up16(used); ci++)
                        memory.push_back(ci < used ? at(0, ci, tap, o) : 0.0f);
            call.filter = call.buffer(
                memory.data(), {{0, used, 1}, {0, 3, up16(used)}, {0, 3, 3 * up16(used)}, {0, s.cout, 9 * up16(used)}});
        } else {
            const int block_floats = used * 16, element = block_floats * used_blocks, size = 36 * element;
            memory.resize(static_cast<size_t>(size));
            for (int b = 0; b < used_blocks; b++)
                for (int ci = 0; ci < used; ci++)
                    for (int o = 0; o < 16; o++) {
                        float g[3][3], u[6][6];
                        for (int tap = 0; tap < 9; tap++)
                            g[tap / 3][tap % 3] = at(block0 + b, ci, tap, o);
                        winograd::transform_filter(g, u);
                        float *first = memory.data() + b * block_floats + ci * 16 + o;
                        for (int i = 0; i < 36; i++)
                            first[i * element] = u[i / 6][i % 6];
                    }
            call.filter = call.buffer(memory.data(), {{0, 16, 1},
                                                      {0, used, 16},
                                                      {0, 6, element},
                                                      {0, 6, 6 * element},
                                                      {0, used_blocks, block_floats},
                                                      {0, 1, 0}});
        }
        return memory;
    }

    // One axis of a phase, either for the frame's outermost fine pixel of that phase or for all others.
    struct Axis {
        int phase, shuffle;
        bool edge;

        bool exists() const { return !edge || phase == 0 || phase == shuffle - 1; }
        int first_tap() const { return phase == 0 && !edge ? -2 : -1; }
        bool owns(int at, int size) const {
            const bool outermost = (phase == 0 && at == 0) || (phase == shuffle - 1 && at == size - 1);
            return outermost == edge;
        }
        // The place of the tail's tap k, in fine pixels from the first one of the coarse pixel.
        int fine(int k) const { return phase + k; }
        bool inside(int k) const { return !edge || (fine(k) >= 0 && fine(k) < shuffle); }
        int coarse(int k) const { return (fine(k) + shuffle) / shuffle - 1; }
        int upsampled(int k) const { return (fine(k) + shuffle) % shuffle; }
    };

    struct Combined {
        std::vector<float> filter, bias;  // ci (to a multiple of 16), kx, ky, o
    };

    // Combines two convolutions into one, tap by tap.
    Combined combine(const slimscale_step &s, const Axis &rows, const Axis &columns) {
        const int padded = up16(s.cin);
        std::vector<double> filter(index(s.cout * 16 * padded)), bias(index(s.cout));
        for (int o = 0; o < s.cout; o++) {
            bias[index(o)] = plain_bias(s.filter2, 0, o);
            for (int ky = -1; ky <= 1; ky++)
                for (int kx = -1; kx <= 1; kx++) {
                    if (!rows.inside(ky) || !columns.inside(kx))
                        continue;
                    const int phase = rows.upsampled(ky) * s.shuffle + columns.upsampled(kx);
                    for (int c = 0; c < s.cin; c++) {
                        const double tail = plain(s.filter2, 0, o, c, ky + 1, kx + 1);
                        bias[index(o)] += tail * plain_bias(s.filter, phase, c);
                        for (int jy = -1; jy <= 1; jy++)
                            for (int jx = -1; jx <= 1; jx++) {
                                const int y = rows.coarse(ky) + jy - rows.first_tap(),
                                          x = columns.coarse(kx) + jx - columns.first_tap();
                                for (int ci = 0; ci < s.cin; ci++)
                                    filter[index(((o * 4 + y) * 4 + x) * padded + ci)] +=
                                        tail * plain(s.filter, phase, c, ci, jy + 1, jx + 1);
                            }
                    }
                }
        }
        return {std::vector<float>(filter.begin(), filter.end()), std::vector<float>(bias.begin(), bias.end())};
    }

    // A weight of the blob.
    double plain(int filter, int phase, int o, int i, int ky, int kx) const {
        const BlobFilter &f = blob_.filters[filter];
        const int block = o / 16, inputs = static_cast<int>(f.inputs);
        const float *weights =
            blob_.weights(static_cast<uint32_t>(filter)) + static_cast<size_t>(phase) * phase_stride(f);
        return static_cast<double>(weights[(((block * inputs + i) * 3 + ky) * 3 + kx) * 16 + o % 16]);
    }

    double plain_bias(int filter, int phase, int o) const {
        const size_t first = index(phase) * bias_stride(blob_.filters[filter]);
        return static_cast<double>(blob_.bias(static_cast<uint32_t>(filter))[first + index(o)]);
    }

    // Computes every phase with each of its filters over the whole frame, and keeps the pixels that a filter is for.
    void collapsed_tail(const slimscale_step &s, slimscale_pipeline pipeline) {
        for (int phase = 0; phase < s.shuffle * s.shuffle; phase++)
            for (int edges = 0; edges < 4; edges++) {
                const Axis rows{phase / s.shuffle, s.shuffle, edges >= 2};
                const Axis columns{phase % s.shuffle, s.shuffle, edges % 2 == 1};
                if (rows.exists() && columns.exists())
                    tail_phase(s, rows, columns, pipeline);
            }
    }

    void tail_phase(const slimscale_step &s, const Axis &rows, const Axis &columns, slimscale_pipeline pipeline) {
        Map &in = map(s.inputs[0]), &out = map(s.output);
        const Combined combined = combine(s, rows, columns);
        const int padded = up16(s.cin), width = up4(in.width);
        std::vector<float> result(index(in.height * width * s.cout));
        Call call;
        call.input[0] = call.map(in, 0, s.cin, columns.first_tap() + 1);
        call.base[0] = kTop;
        call.ring[0] = in.ring();
        call.height = in.height;
        call.row0 = rows.first_tap() + 1;
        call.filter = call.buffer(combined.filter.data(),
                                  {{0, s.cin, 1}, {0, 4, padded}, {0, 4, 4 * padded}, {0, s.cout, 16 * padded}});
        call.bias = call.buffer(combined.bias.data(), {{0, s.cout, 1}});
        if (s.input_skip)
            set_image(call, 0);
        call.output = call.buffer(result.data(), {{0, s.cout, 1}, {0, width, s.cout}, {0, in.height, width * s.cout}});
        call.run(s, pipeline);
        for (int y = 0; y < in.height; y++)
            for (int x = 0; x < in.width; x++)
                if (rows.owns(y, in.height) && columns.owns(x, in.width))
                    std::copy_n(&result[index((y * width + x) * s.cout)], s.cout,
                                out.at(x * s.shuffle + columns.phase, y * s.shuffle + rows.phase));
    }

    static int up16(int n) { return (n + 15) / 16 * 16; }

    void row_sum(const slimscale_step &s, slimscale_pipeline pipeline) {
        Map &in = map(s.inputs[0]);
        sums_.assign(static_cast<size_t>(s.cin) * static_cast<size_t>(in.height), 0.0f);
        Call call;
        call.input[0] = call.map(in, 0, s.cin);
        call.base[0] = kTop;
        call.ring[0] = in.ring();
        call.row0 = 0;
        call.width = in.width;
        call.output = call.buffer(sums_.data(), {{0, s.cin, 1}, {0, in.height, s.cin}});
        call.run(s, pipeline);
    }

    void squeeze_excite(const slimscale_step &s, slimscale_pipeline pipeline) {
        Map &in = map(s.inputs[0]);
        const BlobFilter &squeeze = blob_.filters[s.filter], &expand = blob_.filters[s.filter2];
        factors_.assign(static_cast<size_t>(s.cin), 0.0f);
        Call call;
        call.sums = call.buffer(sums_.data(), {{0, s.cin, 1}, {0, in.height, s.cin}});
        call.pixels = in.width * in.height;
        call.filter1 =
            call.buffer(blob_.weights(static_cast<uint32_t>(s.filter)),
                        {{0, 16, 1}, {0, s.cin, 16}, {0, (s.cout + 15) / 16, static_cast<int>(squeeze.inputs) * 16}});
        call.bias1 = call.buffer(blob_.bias(static_cast<uint32_t>(s.filter)), {{0, s.cout, 1}});
        call.filter2 =
            call.buffer(blob_.weights(static_cast<uint32_t>(s.filter2)),
                        {{0, 16, 1}, {0, s.cout, 16}, {0, (s.cin + 15) / 16, static_cast<int>(expand.inputs) * 16}});
        call.bias2 = call.buffer(blob_.bias(static_cast<uint32_t>(s.filter2)), {{0, s.cin, 1}});
        call.output = call.buffer(factors_.data(), {{0, s.cin, 1}});
        call.run(s, pipeline);
    }

    void attend(const slimscale_step &s, slimscale_pipeline pipeline) {
        Map &in = map(s.inputs[0]);
        Call call;
        call.input[0] = call.map(in, 0, s.cin);
        call.base[0] = kTop;
        call.ring[0] = in.ring();
        call.factor = call.buffer(factors_.data(), {{0, s.cin, 1}});
        set_addend(call, s, 0, s.cin);
        call.row0 = -(lag(s) % 4);
        set_output(call, s, 0, 0);
        call.run(s, pipeline);
    }

    const slimscale_model &model_;
    const slimscale_compiled_target *target_ = nullptr;
    const slimscale_network_plan *plan_ = nullptr;
    BlobView blob_;
    std::vector<Map> maps_;
    PlainRanges ranges_;
    const std::array<std::array<double, 6>, 6> matrix_ = input_matrix();
    std::vector<float> sums_, factors_;  // of the present channel attention
};

}  // namespace

reference::Volume run_plainly(const slimscale_model *model, const std::string &target, int width,
                              const reference::Volume &image) {
    return Executor(model, target, width).run(image);
}

PlainRanges ranges_plainly(const slimscale_model *model, const std::string &target, int width,
                           const reference::Volume &image) {
    Executor executor(model, target, width);
    executor.run(image);
    return executor.ranges();
}

}  // namespace slimscale::test
