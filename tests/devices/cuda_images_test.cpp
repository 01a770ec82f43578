// Images in a CUDA device's memory, padded and upside down, on the test's own context and stream, give the same bytes
// as through host memory, and nothing outside the rows is written.
#include <dlfcn.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "tests/catch.h"
#include "tests/devices/devices.h"
#include "tests/runtime/frames.h"

using namespace slimscale::test;

namespace {

using Address = unsigned long long;  // CUdeviceptr

template <typename Result, typename... Arguments>
Result call(const char *symbol, Arguments... arguments) {
    static void *const library = dlopen("libcuda.so.1", RTLD_NOW);
    auto *function = reinterpret_cast<Result (*)(Arguments...)>(library ? dlsym(library, symbol) : nullptr);
    if (!function)
        throw std::runtime_error(symbol);
    return function(arguments...);
}

template <typename... Arguments>
void cuda(const char *symbol, Arguments... arguments) {
    if (const int result = call<int>(symbol, arguments...))
        throw std::runtime_error(std::string(symbol) + " returned " + std::to_string(result));
}

// The device's primary context, which is current as long as this exists, and a stream.
struct Program {
    void *context = nullptr, *stream = nullptr;
    Program() {
        cuda("cuInit", 0u);
        cuda("cuDevicePrimaryCtxRetain", &context, 0);
        cuda("cuCtxPushCurrent_v2", context);
        cuda("cuStreamCreate", &stream, 1u);
    }
    ~Program() {
        void *popped = nullptr;
        call<int>("cuStreamDestroy_v2", stream);
        call<int>("cuCtxPopCurrent_v2", &popped);
        call<int>("cuDevicePrimaryCtxRelease_v2", 0);
    }
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;
};

struct DeviceBytes {
    Address address = 0;
    explicit DeviceBytes(const std::vector<unsigned char> &bytes) {
        cuda("cuMemAlloc_v2", &address, bytes.size());
        cuda("cuMemcpyHtoD_v2", address, static_cast<const void *>(bytes.data()), bytes.size());
    }
    ~DeviceBytes() { call<int>("cuMemFree_v2", address); }
    DeviceBytes(const DeviceBytes &) = delete;
    DeviceBytes &operator=(const DeviceBytes &) = delete;
    void read(std::vector<unsigned char> &bytes) const {
        cuda("cuMemcpyDtoH_v2", static_cast<void *>(bytes.data()), address, bytes.size());
    }
};

constexpr int kWidth = 21, kHeight = 10, kPadding = 20;

// Lays the image's planes into `memory`, one behind the other, with padded rows. Returns the bytes that they take.
size_t lay_out(slimscale_image &image, unsigned char *memory, bool upwards) {
    size_t row_bytes = 0, bytes = 0;
    int rows = 0;
    for (int p = 0; slimscale_plane_size(image.format, image.width, image.height, p, &row_bytes, &rows) == SLIMSCALE_OK;
         p++) {
        const auto row = static_cast<ptrdiff_t>(row_bytes) + kPadding;
        unsigned char *plane = memory + bytes;
        image.planes[p] = upwards ? plane + row * (rows - 1) : plane;
        image.strides[p] = upwards ? -row : row;
        bytes += static_cast<size_t>(row * rows);
    }
    return bytes;
}

slimscale_image image_over(slimscale_format format, unsigned char *memory, int width, int height) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = format;
    image.width = width, image.height = height;
    lay_out(image, memory, true);
    return image;
}

std::vector<unsigned char> buffer(slimscale_format format, int width, int height) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = format;
    image.width = width, image.height = height;
    return std::vector<unsigned char>(lay_out(image, nullptr, false), 0xAB);
}

// Fills with any integers, or with halves or floats between 0 and 1.
void fill(std::vector<unsigned char> &bytes, slimscale_format format) {
    slimscale_format_info info{};
    info.size = sizeof info;
    REQUIRE(slimscale_describe_format(format, &info) == SLIMSCALE_OK);
    const auto word = static_cast<size_t>(info.word_bytes);
    for (size_t i = 0; i + word <= bytes.size(); i += word) {
        const auto noise = static_cast<uint32_t>(i * 2654435761u >> 8);
        const float value = static_cast<float>(noise % 251) / 251;
        const auto half = static_cast<uint16_t>(noise % 0x3c01);
        if (!info.floats)
            std::memcpy(&bytes[i], &noise, word);
        else
            std::memcpy(&bytes[i], word == 4 ? static_cast<const void *>(&value) : &half, word);
    }
}

void check(const slimscale_model *model, const std::string &target, slimscale_format from_format,
           slimscale_format to_format) {
    const int scale = describe(model).scale;
    const Program program;
    std::vector<unsigned char> in = buffer(from_format, kWidth, kHeight),
                               want = buffer(to_format, scale * kWidth, scale * kHeight), got = want;
    fill(in, from_format);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = target.c_str();
    options.allow_untrained = 1;
    options.cuda_context = program.context;
    options.cuda_stream = program.stream;
    slimscale_handle *opened = nullptr;
    REQUIRE(slimscale_open(model, &options, &opened) == SLIMSCALE_OK);
    const Handle s(opened);
    REQUIRE(slimscale_plan(s.get(), kWidth, kHeight) == SLIMSCALE_OK);

    const slimscale_image from = image_over(from_format, in.data(), kWidth, kHeight);
    const slimscale_image to = image_over(to_format, want.data(), scale * kWidth, scale * kHeight);
    REQUIRE(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_OK);

    const DeviceBytes device_in(in), device_out(got);
    const auto over = [](Address address) {
        return reinterpret_cast<unsigned char *>(static_cast<uintptr_t>(address));
    };
    slimscale_image device_from = image_over(from_format, over(device_in.address), kWidth, kHeight);
    slimscale_image device_to = image_over(to_format, over(device_out.address), scale * kWidth, scale * kHeight);
    device_from.memory = device_to.memory = SLIMSCALE_CUDA_MEMORY;
    REQUIRE(slimscale_run(s.get(), nullptr, &device_from, &device_to, nullptr) == SLIMSCALE_OK);
    REQUIRE(slimscale_synchronize(s.get()) == SLIMSCALE_OK);
    device_out.read(got);
    INFO(target << ", " << slimscale_format_name(from_format) << " to " << slimscale_format_name(to_format));
    CHECK(got == want);
}

}  // namespace

TEST_CASE("images in device memory give the bytes of images in host memory") {
    for (const char *name : {"golden_edsr_x3", "golden_edsr_luma_x2"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        for (const std::string &target : device_targets(info, model))
            for (int f = 0; slimscale_format_name(static_cast<slimscale_format>(f)); f++) {
                const auto format = static_cast<slimscale_format>(f);
                slimscale_format_info described{};
                described.size = sizeof described;
                REQUIRE(slimscale_describe_format(format, &described) == SLIMSCALE_OK);
                if (info.colors == 3 && described.model == SLIMSCALE_MODEL_GRAY)
                    continue;
                check(model, target, format, format);
                check(model, target, SLIMSCALE_NV12, format);
            }
    }
}
