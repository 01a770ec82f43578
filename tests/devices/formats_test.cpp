// Every pixel format gives, through a device, the bytes of the same archive's CPU target, up to rounding.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "tests/catch.h"
#include "tests/devices/devices.h"
#include "tests/runtime/frames.h"

using namespace slimscale::test;

namespace {

constexpr int kWidth = 21, kHeight = 10, kPadding = 7 * 4;

struct Layout {
    slimscale_format format;
    int samples, bytes, planes;
};

struct Picture {
    std::vector<unsigned char> memory;
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    Layout layout;

    // Rows run upwards in the output, and both are padded.
    Picture(const Layout &l, int width, int height, bool upwards) : layout(l) {
        const ptrdiff_t row = static_cast<ptrdiff_t>(width) * l.samples * l.bytes + kPadding;
        memory.assign(static_cast<size_t>(row * height * l.planes), 0xAB);
        image.format = l.format;
        image.width = width, image.height = height;
        for (int p = 0; p < l.planes; p++) {
            unsigned char *plane = memory.data() + p * row * height;
            image.planes[p] = upwards ? plane + row * (height - 1) : plane;
            image.strides[p] = upwards ? -row : row;
        }
    }

    double at(int plane, int x, int y) const {
        const auto *row = static_cast<const unsigned char *>(image.planes[plane]) + y * image.strides[plane];
        if (layout.bytes == 1)
            return row[x];
        if (layout.bytes == 2)
            return reinterpret_cast<const uint16_t *>(row)[x] / 257.0;
        return reinterpret_cast<const float *>(row)[x] * 255.0;
    }

    void fill() {
        for (int p = 0; p < layout.planes; p++)
            for (int y = 0; y < image.height; y++)
                for (int x = 0; x < image.width * layout.samples; x++) {
                    const unsigned noise = static_cast<unsigned>(p * 7919 + y * 613 + x) * 2654435761u;
                    auto *row = static_cast<unsigned char *>(image.planes[p]) + y * image.strides[p];
                    if (layout.bytes == 1)
                        row[x] = static_cast<unsigned char>(noise >> 24);
                    else if (layout.bytes == 2)
                        reinterpret_cast<uint16_t *>(row)[x] = static_cast<uint16_t>(noise >> 16);
                    else
                        reinterpret_cast<float *>(row)[x] = static_cast<float>(noise >> 8) / (1 << 24);
                }
    }
};

// On the 0..255 scale. f32 may round the other way, and f16 has its own error.
double tolerance(const std::string &target, const Layout &layout) {
    const double rounding = layout.bytes == 1 ? 1 : layout.bytes == 2 ? 0.02 : 0.01;
    return target.find("f16") == std::string::npos ? rounding : 2;
}

void run_once(const slimscale_model *model, const std::string &target, const Picture &from, const Picture &to) {
    const Handle s = open(model, {target, {}, 1, 0, true});
    if (slimscale_plan(s.get(), from.image.width, from.image.height) != SLIMSCALE_OK ||
        slimscale_run(s.get(), nullptr, &from.image, &to.image, nullptr) != SLIMSCALE_OK)
        throw std::runtime_error(slimscale_error(s.get()));
}

void check_format(const slimscale_model *model, const std::string &target, const Layout &layout) {
    const int scale = describe(model).scale;
    Picture from(layout, kWidth, kHeight, false);
    Picture want(layout, kWidth * scale, kHeight * scale, true), got(layout, kWidth * scale, kHeight * scale, true);
    from.fill();
    run_once(model, "baseline", from, want);
    run_once(model, target, from, got);
    double worst = 0;
    for (int p = 0; p < layout.planes; p++)
        for (int y = 0; y < want.image.height; y++)
            for (int x = 0; x < want.image.width * layout.samples; x++)
                worst = std::max(worst, std::abs(want.at(p, x, y) - got.at(p, x, y)));
    INFO(target << ", format " << layout.format);
    CHECK(worst <= tolerance(target, layout));
    // The padding belongs to the caller.
    for (size_t row = 0; row < static_cast<size_t>(want.image.height * layout.planes); row++) {
        const size_t bytes = static_cast<size_t>(want.image.width * layout.samples * layout.bytes);
        const unsigned char *padding = got.memory.data() + row * (bytes + kPadding) + bytes;
        CHECK(std::count(padding, padding + kPadding, 0xAB) == kPadding);
    }
}

}  // namespace

TEST_CASE("every color format goes through a device") {
    const slimscale_model *model = model_named("golden_edsr_x3");
    for (const std::string &target : device_targets(describe(model), model))
        for (const Layout &layout :
             {Layout{SLIMSCALE_RGB8, 3, 1, 1}, Layout{SLIMSCALE_RGBA8, 4, 1, 1}, Layout{SLIMSCALE_RGB16, 3, 2, 1},
              Layout{SLIMSCALE_RGBA16, 4, 2, 1}, Layout{SLIMSCALE_PLANAR_F32, 1, 4, 3}})
            check_format(model, target, layout);
}

TEST_CASE("every luma format goes through a device") {
    const slimscale_model *model = model_named("golden_edsr_luma_x2");
    for (const std::string &target : device_targets(describe(model), model))
        for (const Layout &layout :
             {Layout{SLIMSCALE_GRAY8, 1, 1, 1}, Layout{SLIMSCALE_GRAYA8, 2, 1, 1}, Layout{SLIMSCALE_GRAY16, 1, 2, 1},
              Layout{SLIMSCALE_GRAYA16, 2, 2, 1}, Layout{SLIMSCALE_PLANAR_F32, 1, 4, 1}})
            check_format(model, target, layout);
}
