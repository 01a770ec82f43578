#include "runtime/gpu/frame.h"

#include "contract/compiled_target.h"
#include "runtime/executor/steps.h"
#include "runtime/frames/image.h"
#include "runtime/gpu/conv3.h"

namespace slimscale::runtime::gpu {

namespace {

constexpr int kFloatBytes = sizeof(float);
constexpr int64_t kWordBytes = 4;
constexpr halide_type_t kFloat(halide_type_float, 32);

size_t image_bytes(int width, int height) {
    constexpr size_t kMostPixelBytes = 4 * sizeof(float);  // RGBA_F32
    return round_up(static_cast<size_t>(width) * static_cast<size_t>(height) * kMostPixelBytes, kAlignment);
}

// The number of planes of floats that hold codes of the input: alpha's is the last, and luma networks have three more,
// one for each component.
int code_planes(int colors) {
    return colors == 1 ? 4 : 1;
}

size_t code_bytes(int width, int height, int colors) {
    const size_t plane = static_cast<size_t>(width) * static_cast<size_t>(height) * sizeof(float);
    return round_up(plane * static_cast<size_t>(code_planes(colors)), kAlignment);
}

// Three pipelines begin with `first`, for words of 8, 16 and 32 bits. Returns the one for the format.
int of_words(slimscale_image_pipeline first, slimscale_format format) {
    const int bytes = bytes_of(format_of(format).word);
    return first + (bytes == 1 ? 0 : bytes == 2 ? 1 : 2);
}

contract::Block block_of(int image_pipeline) {
    if (image_pipeline == SLIMSCALE_CLEAR)
        return contract::Block::clear;
    return image_pipeline >= SLIMSCALE_STORE_U8 ? contract::Block::store : contract::Block::load;
}

}  // namespace

size_t DeviceFrame::staging_bytes(int width, int height, int scale, int colors, bool device_images) {
    const size_t images = image_bytes(width, height) + image_bytes(width * scale, height * scale);
    return code_bytes(width, height, colors) + (device_images ? 0 : images);
}

DeviceFrame::~DeviceFrame() {
    Error ignored;
    if (host_input_ || host_output_)
        e_.device().finish(ignored);
}

slimscale_status DeviceFrame::call(int image_pipeline, Arguments &arguments, Error &error) {
    const int pipeline = e_.pipeline_count + image_pipeline;
    e_.call->contexts[0].pipeline = pipeline;
    void **packed =
        arguments.packed({contract::pipeline(block_of(image_pipeline), 0), contract::target_of(*e_.target)});
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

// Zeroes column -1, the columns from the frame's width on that a convolution reads, and the zero row.
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

// The image as it lies in `memory`, without gaps between rows and planes.
slimscale_image DeviceFrame::staged(const slimscale_image &image, unsigned char *memory) const {
    const Format &format = format_of(image.format);
    slimscale_image copy = image;
    for (int p = 0; p < plane_count(format, e_.color.colors); p++) {
        const PlaneSize size = plane_size(format, image.width, image.height, p);
        copy.planes[p] = memory;
        copy.strides[p] = size.row_bytes;
        memory += size.row_bytes * size.rows;
    }
    return copy;
}

slimscale_status DeviceFrame::begin(const slimscale_image &input, const slimscale_image &output, Error &error) {
    host_input_ = input.memory == SLIMSCALE_HOST_MEMORY ? &input : nullptr;
    host_output_ = output.memory == SLIMSCALE_HOST_MEMORY ? &output : nullptr;
    unsigned char *images = e_.staging + code_bytes(input.width, input.height, e_.color.colors);
    unsigned char *behind = images + image_bytes(input.width, input.height);
    loading_ = loading(host_input_ ? staged(input, images) : input, e_.color);
    storing_ = storing(loading_.image, host_output_ ? staged(output, behind) : output, e_.color, e_.scale());
    if (host_input_ && copy_planes(Device::Way::to_device, input, loading_.image, error) != SLIMSCALE_OK)
        return error.status;
    return load_codes(error);
}

slimscale_status DeviceFrame::copy_planes(Device::Way way, const slimscale_image &host,
                                          const slimscale_image &staged_image, Error &error) {
    const bool in = way == Device::Way::to_device;
    const Format &format = format_of(host.format);
    for (int p = 0; p < plane_count(format, e_.color.colors); p++) {
        const PlaneSize size = plane_size(format, host.width, host.height, p);
        const PitchedRows there{row_of(staged_image, p, 0), staged_image.strides[p]};
        const PitchedRows here{row_of(host, p, 0), host.strides[p]};
        if (e_.device().copy_rows(way, in ? there : here, in ? here : there, static_cast<size_t>(size.row_bytes),
                                  size.rows, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

void DeviceFrame::view_words(BufferView &view, const slimscale_image &image, int component, int first,
                             int count) const {
    const Words words = words_of(image, component, first, count);
    view.set(words.origin, words.type, {words.columns, words.rows}, e_.device());
}

// Computes rows from row0 on into `output` (c, x, y).
slimscale_status DeviceFrame::load(const LoadCall &load, int row0, BufferView &output, Error &error) {
    const slimscale_image &image = loading_.image;
    BufferView words[3];
    for (int j = 0; j < 3; j++) {
        const int rows = samples_of(image.height, loading_.format->sub_y, load.components[j]);
        view_words(words[j], image, load.components[j], 0, rows);
    }
    Arguments arguments(e_.call->contexts);
    set_arguments(load, image, arguments);
    arguments.component0 = words[0].get();
    arguments.component1 = words[1].get();
    arguments.component2 = words[2].get();
    arguments.row0 = row0;
    arguments.output = output.get();
    return call(of_words(SLIMSCALE_LOAD_U8, image.format), arguments, error);
}

slimscale_status DeviceFrame::load(Rows rows, Error &error) {
    const TensorLayout &l = e_.tensors[0];
    const int64_t row = (rows.begin + l.base) % l.ring;
    BufferView tensor;
    tensor.set(e_.workspace + l.offset + (row * l.row + l.pixel) * kFloatBytes, kFloat,
               {{0, e_.color.colors, 1}, {0, l.width, l.pixel}, {0, rows.end - rows.begin, l.row}}, e_.device());
    return load(load_call(loading_), rows.begin, tensor, error);
}

// Loads the codes of the input that the output is made from.
slimscale_status DeviceFrame::load_codes(Error &error) {
    const StoreCall store = store_call(storing_, false);
    for (int c = 0; c <= kAlpha; c++) {
        if (!store.takes[c])
            continue;
        const LoadCall load_one = code_call(loading_.image, c);
        BufferView plane;  // all numbers are the code, and go to the same place
        plane.set(code_plane(c), kFloat,
                  {{0, e_.color.colors, 0}, {0, load_one.width, 1}, {0, load_one.height, load_one.width}}, e_.device());
        if (load(load_one, 0, plane, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

unsigned char *DeviceFrame::code_plane(int component) const {
    const int64_t pixels = int64_t{loading_.image.width} * loading_.image.height;
    return e_.staging + (component == kAlpha ? code_planes(e_.color.colors) - 1 : component) * pixels * kFloatBytes;
}

slimscale_status DeviceFrame::run(const slimscale_step &step, Rows rows, Error &error) {
    return run_in_pieces(e_, step, rows, [](const StepCall &call) { return run_step(call, conv3); }, error);
}

slimscale_status DeviceFrame::store(const StoreCall &store, Rows rows, Error &error) {
    const TensorLayout &l = e_.upscaled();
    const slimscale_image &from = loading_.image;
    BufferView tensor, codes, words[4];
    tensor.set(e_.workspace + l.offset + l.pixel * kFloatBytes, kFloat,
               {{0, e_.color.colors, 1}, {0, l.width, l.pixel}, {0, l.ring, l.row}}, e_.device());
    for (int k = 0; k < 4; k++)
        view_words(words[k], storing_.image, store.components[k], rows.begin, rows.end - rows.begin);
    Arguments arguments(e_.call->contexts);
    set_arguments(store, storing_, arguments);
    const int64_t width = arguments.codes_width.value(), height = arguments.codes_height.value();
    codes.set(e_.staging, kFloat,
              {{0, width, 1}, {0, height, width}, {0, code_planes(e_.color.colors), int64_t{from.width} * from.height}},
              e_.device());
    arguments.input[0] = tensor.get();
    arguments.base[0] = l.base;
    arguments.ring[0] = l.ring;
    arguments.row0 = rows.begin;
    arguments.codes = codes.get();
    arguments.output = words[0].get();
    arguments.output1 = words[1].get();
    arguments.output2 = words[2].get();
    arguments.output3 = words[3].get();
    return call(of_words(SLIMSCALE_STORE_U8, storing_.image.format), arguments, error);
}

slimscale_status DeviceFrame::store(Rows rows, Error &error) {
    const RowRange chroma = complete_chroma_rows(storing_, rows.begin, rows.end);
    if (store(store_call(storing_, false), rows, error) != SLIMSCALE_OK)
        return error.status;
    return chroma.begin < chroma.end ? store(store_call(storing_, true), {chroma.begin, chroma.end}, error)
                                     : SLIMSCALE_OK;
}

slimscale_status DeviceFrame::end(Error &error) {
    if (host_output_ && copy_planes(Device::Way::to_host, *host_output_, storing_.image, error) != SLIMSCALE_OK)
        return error.status;
    if ((host_input_ || host_output_) && e_.device().finish(error) != SLIMSCALE_OK)
        return error.status;
    host_input_ = host_output_ = nullptr;
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime::gpu
