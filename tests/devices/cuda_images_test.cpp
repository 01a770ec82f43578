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

struct Layout {
    slimscale_format format;
    int pixel_bytes, planes;
};

constexpr int kWidth = 21, kHeight = 10, kPadding = 20;

// An image in `memory`, which has `planes` x `height` padded rows.
slimscale_image image_over(const Layout &l, unsigned char *memory, int width, int height, bool upwards) {
    const ptrdiff_t row = static_cast<ptrdiff_t>(width) * l.pixel_bytes + kPadding;
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = l.format;
    image.width = width, image.height = height;
    for (int p = 0; p < l.planes; p++) {
        unsigned char *plane = memory + p * row * height;
        image.planes[p] = upwards ? plane + row * (height - 1) : plane;
        image.strides[p] = upwards ? -row : row;
    }
    return image;
}

std::vector<unsigned char> buffer(const Layout &l, int width, int height) {
    return std::vector<unsigned char>(static_cast<size_t>((width * l.pixel_bytes + kPadding) * height * l.planes),
                                      0xAB);
}

void check(const slimscale_model *model, const std::string &target, const Layout &l) {
    const int scale = describe(model).scale;
    const Program program;
    std::vector<unsigned char> in = buffer(l, kWidth, kHeight), want = buffer(l, scale * kWidth, scale * kHeight),
                               got = want;
    for (size_t i = 0; i < in.size(); i++)
        in[i] = static_cast<unsigned char>(i * 2654435761u >> 24);
    if (l.format == SLIMSCALE_PLANAR_F32)
        for (size_t i = 0; i + sizeof(float) <= in.size(); i += sizeof(float)) {
            const float value = static_cast<float>(i % 251) / 251;
            std::memcpy(&in[i], &value, sizeof value);
        }
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = target.c_str();
    options.allow_untrained = 1;
    options.cuda_context = program.context;
    options.cuda_stream = program.stream;
    slimscale_handle *opened = nullptr;
    REQUIRE(slimscale_open(model, &options, &opened) == SLIMSCALE_OK);
    const Handle s(opened);
    REQUIRE(slimscale_plan(s.get(), kWidth, kHeight) == SLIMSCALE_OK);

    const slimscale_image from = image_over(l, in.data(), kWidth, kHeight, true);
    const slimscale_image to = image_over(l, want.data(), scale * kWidth, scale * kHeight, true);
    REQUIRE(slimscale_run(s.get(), nullptr, &from, &to, nullptr) == SLIMSCALE_OK);

    const DeviceBytes device_in(in), device_out(got);
    const auto over = [](Address address) {
        return reinterpret_cast<unsigned char *>(static_cast<uintptr_t>(address));
    };
    slimscale_image device_from = image_over(l, over(device_in.address), kWidth, kHeight, true);
    slimscale_image device_to = image_over(l, over(device_out.address), scale * kWidth, scale * kHeight, true);
    device_from.memory = device_to.memory = SLIMSCALE_CUDA_MEMORY;
    REQUIRE(slimscale_run(s.get(), nullptr, &device_from, &device_to, nullptr) == SLIMSCALE_OK);
    REQUIRE(slimscale_synchronize(s.get()) == SLIMSCALE_OK);
    device_out.read(got);
    INFO(target << ", format " << l.format);
    CHECK(got == want);
}

}  // namespace

TEST_CASE("images in device memory give the bytes of images in host memory") {
    const slimscale_model *model = model_named("golden_edsr_x3");
    for (const std::string &target : device_targets(describe(model), model))
        for (const Layout &layout :
             {Layout{SLIMSCALE_RGB8, 3, 1}, Layout{SLIMSCALE_RGBA8, 4, 1}, Layout{SLIMSCALE_RGB16, 6, 1},
              Layout{SLIMSCALE_RGBA16, 8, 1}, Layout{SLIMSCALE_PLANAR_F32, 4, 3}})
            check(model, target, layout);
}
