#include "runtime/gpu/frame.h"

#include "runtime/executor/steps.h"
#include "runtime/frames/image.h"
#include "runtime/gpu/conv3.h"

namespace slimscale::runtime::gpu {

namespace {

// What one plane holds of the formats that image pipelines know.
struct Samples {
    int per_pixel, bytes;
    float white;
};

Samples samples_of(slimscale_format format) {
    const Component &first = format_of(format).components[0];
    return {first.step, bytes_of(format_of(format).word), first.white()};
}

bool has_alpha(slimscale_format format) {
    return format_of(format).has_alpha();
}

bool has_pipelines(slimscale_format format) {
    return format <= SLIMSCALE_GRAYA16;
}

constexpr int kFloatBytes = sizeof(float);
constexpr int64_t kWordBytes = 4;

size_t image_bytes(int width, int height, int colors) {
    // The most that any format takes: floats, or four 16-bit samples, or two of luma.
    const auto pixel = static_cast<size_t>(colors == 1 ? kFloatBytes : 3 * kFloatBytes);
    return round_up(static_cast<size_t>(width) * static_cast<size_t>(height) * pixel, kAlignment);
}

halide_type_t sample_type(const Samples &samples) {
    const bool floating = samples.bytes == kFloatBytes;
    return halide_type_t(floating ? halide_type_float : halide_type_uint, static_cast<uint8_t>(8 * samples.bytes));
}

// Of the pipelines for u8, u16 and f32, in this order from `first` on.
int of_type(slimscale_image_pipeline first, const Samples &samples) {
    return first + (samples.bytes == 1 ? 0 : samples.bytes == 2 ? 1 : 2);
}

contract::Block block_of(int image_pipeline) {
    if (image_pipeline == SLIMSCALE_CLEAR)
        return contract::Block::clear;
    if (image_pipeline >= SLIMSCALE_ALPHA_U8)
        return contract::Block::alpha;
    return image_pipeline >= SLIMSCALE_STORE_U8 ? contract::Block::store : contract::Block::load;
}

}  // namespace

size_t DeviceFrame::staging_bytes(int width, int height, int scale, int colors) {
    return image_bytes(width, height, colors) + image_bytes(width * scale, height * scale, colors);
}

DeviceFrame::~DeviceFrame() {
    Error ignored;
    if (host_input_ || host_output_)
        e_.device().finish(ignored);
}

slimscale_status DeviceFrame::call(int image_pipeline, Arguments &arguments, Error &error) {
    const int pipeline = e_.pipeline_count + image_pipeline;
    e_.call->pipeline = pipeline;
    void **packed = arguments.packed({contract::pipeline(block_of(image_pipeline), 0), target_of(*e_.target)});
    const int status = packed ? e_.target->pipelines[pipeline](packed) : halide_error_code_internal_error;
    if (status == 0)
        return SLIMSCALE_OK;
    if (e_.call->fail_first())
        error.set(SLIMSCALE_PIPELINE_FAILED, "image pipeline %d failed with code %d; please report this",
                  image_pipeline, status);
    return error.status;
}

slimscale_status DeviceFrame::clear(unsigned char *at, int64_t words, int64_t rows, int64_t row_words, Error &error) {
    BufferView view;
    view.set(at, halide_type_t(halide_type_uint, 32), {{0, words, 1}, {0, rows, row_words}}, e_.device());
    Arguments arguments(e_.call->contexts);
    arguments.output = view.get();
    return call(SLIMSCALE_CLEAR, arguments, error);
}

// Column -1, the columns from the frame's width on that a convolution reads, and the zero row.
slimscale_status DeviceFrame::clear_borders(Error &error) {
    for (int t = 0; t < e_.plan->tensor_count; t++) {
        if (e_.plan->tensors[t].rank != 3)
            continue;
        const TensorLayout &l = e_.tensors[t];
        const int64_t pixel = l.pixel * l.value_bytes / kWordBytes, row = l.row * l.value_bytes / kWordBytes;
        const int64_t right = zero_columns(l) * pixel;
        unsigned char *tensor = e_.workspace + l.offset;
        if (clear(tensor, pixel, l.ring, row, error) != SLIMSCALE_OK ||
            clear(tensor + (1 + l.width) * pixel * kWordBytes, right, l.ring, row, error) != SLIMSCALE_OK ||
            clear(tensor + l.ring * row * kWordBytes, row, 1, row, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

// The image as it lies in `memory`, without gaps.
slimscale_image DeviceFrame::staged(const slimscale_image &image, unsigned char *memory) const {
    const Samples samples = samples_of(image.format);
    slimscale_image copy = image;
    const ptrdiff_t row_bytes = static_cast<ptrdiff_t>(image.width) * samples.per_pixel * samples.bytes;
    for (int p = 0; p < plane_count(format_of(image.format), e_.color.colors); p++) {
        copy.planes[p] = memory + p * row_bytes * image.height;
        copy.strides[p] = row_bytes;
    }
    return copy;
}

slimscale_status DeviceFrame::begin(const slimscale_image &input, const slimscale_image &output, Error &error) {
    if (input.format != output.format || !has_pipelines(input.format) ||
        color_count(format_of(input.format), e_.color.colors) != e_.color.colors)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "GPU targets convert no %s to %s yet; use one of RGB8 to GRAYA16",
                         format_of(input.format).name, format_of(output.format).name);
    host_input_ = input.memory == SLIMSCALE_HOST_MEMORY ? &input : nullptr;
    host_output_ = output.memory == SLIMSCALE_HOST_MEMORY ? &output : nullptr;
    unsigned char *behind = e_.staging + image_bytes(input.width, input.height, e_.color.colors);
    input_ = host_input_ ? staged(input, e_.staging) : input;
    output_ = host_output_ ? staged(output, behind) : output;
    return host_input_ ? copy_planes(Device::Way::to_device, input, input_, error) : SLIMSCALE_OK;
}

slimscale_status DeviceFrame::copy_planes(Device::Way way, const slimscale_image &host,
                                          const slimscale_image &staged_image, Error &error) {
    const bool in = way == Device::Way::to_device;
    for (int p = 0; p < plane_count(format_of(host.format), e_.color.colors); p++) {
        const PitchedRows there{static_cast<unsigned char *>(staged_image.planes[p]), staged_image.strides[p]};
        const PitchedRows here{static_cast<unsigned char *>(host.planes[p]), host.strides[p]};
        const auto row_bytes = static_cast<size_t>(there.pitch);
        if (e_.device().copy_rows(way, in ? there : here, in ? here : there, row_bytes, host.height, error) !=
            SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

// c, x, y of one plane; y = 0 is rows.begin.
void DeviceFrame::view_rows(BufferView &view, const slimscale_image &image, int plane, int channel, int channels,
                            Rows rows) const {
    const Samples samples = samples_of(image.format);
    const unsigned char *origin =
        static_cast<unsigned char *>(image.planes[plane]) + channel * samples.bytes + rows.begin * image.strides[plane];
    view.set(origin, sample_type(samples),
             {{0, channels, 1},
              {0, image.width, samples.per_pixel},
              {0, rows.end - rows.begin, image.strides[plane] / samples.bytes}},
             e_.device());
}

// The network's mean of each color from `plane` on; image pipelines take three.
void DeviceFrame::set_shifts(Arguments &arguments, int plane, int channels) const {
    const auto shift = [&](int c) { return c < channels ? e_.color.mean[plane + c] * e_.color.range : 0.0f; };
    arguments.shift0 = shift(0);
    arguments.shift1 = shift(1);
    arguments.shift2 = shift(2);
}

slimscale_status DeviceFrame::load_plane(int plane, Rows rows, Error &error) {
    const TensorLayout &l = e_.tensors[0];
    const Samples samples = samples_of(input_.format);
    const bool planar = input_.format == SLIMSCALE_PLANAR_F32;
    const int channels = planar ? 1 : e_.color.colors;
    const float range = e_.color.range;
    const int64_t row = (rows.begin + l.base) % l.ring;
    BufferView image, tensor;
    view_rows(image, input_, plane, 0, channels, rows);
    tensor.set(e_.workspace + l.offset + (row * l.row + l.pixel + plane) * kFloatBytes,
               halide_type_t(halide_type_float, 32),
               {{0, channels, 1}, {0, l.width, l.pixel}, {0, rows.end - rows.begin, l.row}}, e_.device());
    Arguments arguments(e_.call->contexts);
    arguments.image = image.get();
    arguments.gain = range / samples.white;
    set_shifts(arguments, plane, channels);
    arguments.output = tensor.get();
    return call(of_type(SLIMSCALE_LOAD_U8, samples), arguments, error);
}

slimscale_status DeviceFrame::load(Rows rows, Error &error) {
    for (int p = 0; p < plane_count(format_of(input_.format), e_.color.colors); p++)
        if (load_plane(p, rows, error) != SLIMSCALE_OK)
            return error.status;
    return SLIMSCALE_OK;
}

slimscale_status DeviceFrame::run(const slimscale_step &step, Rows rows, Error &error) {
    return run_in_pieces(e_, step, rows, [](const StepCall &call) { return run_step(call, conv3); }, error);
}

slimscale_status DeviceFrame::store_plane(int plane, Rows rows, Error &error) {
    const TensorLayout &l = e_.upscaled();
    const Samples samples = samples_of(output_.format);
    const bool planar = output_.format == SLIMSCALE_PLANAR_F32;
    const int channels = planar ? 1 : e_.color.colors;
    const float range = e_.color.range;
    BufferView tensor, image;
    tensor.set(e_.workspace + l.offset + (l.pixel + plane) * kFloatBytes, halide_type_t(halide_type_float, 32),
               {{0, channels, 1}, {0, l.width, l.pixel}, {0, l.ring, l.row}}, e_.device());
    view_rows(image, output_, plane, 0, channels, rows);
    Arguments arguments(e_.call->contexts);
    arguments.input[0] = tensor.get();
    arguments.base[0] = l.base;
    arguments.ring[0] = l.ring;
    arguments.row0 = rows.begin;
    arguments.gain = samples.white / range;
    set_shifts(arguments, plane, channels);
    arguments.output = image.get();
    return call(of_type(SLIMSCALE_STORE_U8, samples), arguments, error);
}

slimscale_status DeviceFrame::store_alpha(Rows rows, Error &error) {
    const Samples samples = samples_of(output_.format);
    const int last = samples.per_pixel - 1;
    const auto view_alpha = [&](BufferView &view, const slimscale_image &image, Rows some) {
        const unsigned char *origin =
            static_cast<unsigned char *>(image.planes[0]) + last * samples.bytes + some.begin * image.strides[0];
        view.set(origin, sample_type(samples),
                 {{0, image.width, samples.per_pixel}, {0, some.end - some.begin, image.strides[0] / samples.bytes}},
                 e_.device());
    };
    BufferView in, out;
    view_alpha(in, input_, {0, input_.height});
    view_alpha(out, output_, rows);
    Arguments arguments(e_.call->contexts);
    arguments.image = in.get();
    arguments.width = input_.width;
    arguments.height = input_.height;
    arguments.row0 = rows.begin;
    arguments.output = out.get();
    return call(of_type(SLIMSCALE_ALPHA_U8, samples), arguments, error);
}

slimscale_status DeviceFrame::store(Rows rows, Error &error) {
    for (int p = 0; p < plane_count(format_of(output_.format), e_.color.colors); p++)
        if (store_plane(p, rows, error) != SLIMSCALE_OK)
            return error.status;
    return has_alpha(output_.format) ? store_alpha(rows, error) : SLIMSCALE_OK;
}

slimscale_status DeviceFrame::end(Error &error) {
    if (host_output_ && copy_planes(Device::Way::to_host, *host_output_, output_, error) != SLIMSCALE_OK)
        return error.status;
    if ((host_input_ || host_output_) && e_.device().finish(error) != SLIMSCALE_OK)
        return error.status;
    host_input_ = host_output_ = nullptr;
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime::gpu
