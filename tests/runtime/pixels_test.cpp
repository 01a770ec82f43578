#include "runtime/cpu/pixels.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/catch.h"

using namespace slimscale::runtime;
using namespace slimscale::runtime::cpu;

namespace {

constexpr ColorTransform kEdsr{3, 255, {0.4488f, 0.4371f, 0.4040f}};
constexpr ColorTransform kCarn{3, 1, {0.4488f, 0.4371f, 0.4040f}};

template <typename Sample>
slimscale_image image(slimscale_format format, std::vector<Sample> &data, int width, int height, int samples) {
    slimscale_image i = SLIMSCALE_IMAGE_INIT;
    i.format = format;
    i.width = width;
    i.height = height;
    i.planes[0] = data.data();
    i.strides[0] = static_cast<ptrdiff_t>(width * samples) * static_cast<ptrdiff_t>(sizeof(Sample));
    return i;
}

void load(const slimscale_image &image, int y, const ColorTransform &t, float *row) {
    load_row(loading(image, t), y, row);
}

// Stores `numbers` as row y.
void store(const slimscale_image &image, int y, const ColorTransform &t, const float *numbers) {
    store_row(storing(image, image, t, 1), y, {numbers, 0, 1, 0});
}

void upscale_alpha_row(const slimscale_image &from, const slimscale_image &to, int scale, int y) {
    store_alpha_row(storing(from, to, {3, 255, {0, 0, 0}}, scale), y);
}

}  // namespace

TEST_CASE("every 8-bit and 16-bit value survives the way in and out") {
    for (const ColorTransform &t : {kEdsr, kCarn}) {
        std::vector<uint8_t> in8(256 * 3), out8(256 * 3);
        for (size_t v = 0; v < 256; v++)
            in8[3 * v] = in8[3 * v + 1] = in8[3 * v + 2] = static_cast<uint8_t>(v);
        std::vector<float> row(256 * 3);
        load(image(SLIMSCALE_RGB8, in8, 256, 1, 3), 0, t, row.data());
        store(image(SLIMSCALE_RGB8, out8, 256, 1, 3), 0, t, row.data());
        CHECK(in8 == out8);

        std::vector<uint16_t> in16(65536 * 3), out16(65536 * 3);
        for (size_t v = 0; v < in16.size(); v++)
            in16[v] = static_cast<uint16_t>(v / 3);
        row.resize(in16.size());
        load(image(SLIMSCALE_RGB16, in16, 65536, 1, 3), 0, t, row.data());
        store(image(SLIMSCALE_RGB16, out16, 65536, 1, 3), 0, t, row.data());
        CHECK(in16 == out16);
    }
}

TEST_CASE("the mean is subtracted in the network's range") {
    std::vector<uint8_t> in{255, 0, 51};
    float row[3];
    load(image(SLIMSCALE_RGB8, in, 1, 1, 3), 0, kEdsr, row);
    CHECK(row[0] == Approx(255 * (1 - 0.4488)));
    CHECK(row[1] == Approx(-255 * 0.4371));
    CHECK(row[2] == Approx(51 - 255 * 0.4040));
}

TEST_CASE("output is rounded half up and clamped, what is no number becomes black") {
    const ColorTransform plain{3, 255, {0, 0, 0}};
    const float row[9] = {-3,    0.49f, 0.5f, 254.5f, 255.4f, 1e9f, std::numeric_limits<float>::quiet_NaN(),
                          -0.0f, 127.5f};
    std::vector<uint8_t> out(9);
    store(image(SLIMSCALE_RGB8, out, 3, 1, 3), 0, plain, row);
    CHECK(out == std::vector<uint8_t>{0, 0, 1, 255, 255, 255, 0, 0, 128});
}

TEST_CASE("rows may run upwards and be padded") {
    std::vector<uint8_t> data(2 * 16);
    for (size_t i = 0; i < data.size(); i++)
        data[i] = static_cast<uint8_t>(i);
    slimscale_image i = image(SLIMSCALE_RGB8, data, 2, 2, 3);
    i.planes[0] = data.data() + 16;
    i.strides[0] = -16;
    Error error;
    CHECK(check_image(i, 3, "input", error) == SLIMSCALE_OK);
    float row[6];
    load(i, 1, {3, 255, {0, 0, 0}}, row);
    CHECK(row[5] == 5);
}

TEST_CASE("alpha: opaque stays opaque, clear stays clear, a constant stays constant") {
    for (int scale : {2, 3, 4})
        for (int value : {0, 1, 128, 254, 255}) {
            std::vector<uint8_t> in(5 * 4 * 4, static_cast<uint8_t>(value)),
                out(in.size() * static_cast<size_t>(scale * scale), 77);
            const slimscale_image from = image(SLIMSCALE_RGBA8, in, 5, 4, 4),
                                  to = image(SLIMSCALE_RGBA8, out, 5 * scale, 4 * scale, 4);
            for (int y = 0; y < 4 * scale; y++)
                upscale_alpha_row(from, to, scale, y);
            for (size_t i = 0; i < out.size(); i++)
                CHECK(out[i] == (i % 4 == 3 ? value : 77));
        }
}

TEST_CASE("gray with alpha: luma and alpha each go their way") {
    const ColorTransform luma{1, 255, {0, 0, 0}};
    std::vector<uint8_t> in{10, 200, 20, 200, 30, 200, 40, 200}, out(2 * 2 * 2 * 2 * 2, 7);
    const slimscale_image from = image(SLIMSCALE_GRAYA8, in, 2, 2, 2), to = image(SLIMSCALE_GRAYA8, out, 4, 4, 2);
    float row[4];
    load(from, 1, luma, row);
    CHECK(row[0] == 30);
    CHECK(row[1] == 40);
    const float values[4] = {1, 2, 3, 4};
    store(to, 2, luma, values);
    upscale_alpha_row(from, to, 2, 2);
    for (size_t x = 0; x < 4; x++) {
        CHECK(out[16 + 2 * x] == x + 1);
        CHECK(out[16 + 2 * x + 1] == 200);
    }
    CHECK(format_of(SLIMSCALE_GRAYA16).has_alpha());
    CHECK(color_count(format_of(SLIMSCALE_GRAYA16), 3) == 1);
}

TEST_CASE("alpha: a ramp stays a ramp in 16 bits") {
    std::vector<uint16_t> in(8 * 4), out(16 * 2 * 4);
    for (size_t x = 0; x < 8; x++)
        in[4 * x + 3] = static_cast<uint16_t>(1000 * x);
    const slimscale_image from = image(SLIMSCALE_RGBA16, in, 8, 1, 4), to = image(SLIMSCALE_RGBA16, out, 16, 2, 4);
    for (int y = 0; y < 2; y++)
        upscale_alpha_row(from, to, 2, y);
    for (int x = 4; x < 12; x++)
        CHECK(out[static_cast<size_t>(4 * x + 3)] ==
              Approx(500.0 * x - 250).margin(1));  // output pixel x lies at (x + 0.5)/2 - 0.5
}

TEST_CASE("bad images are refused with what is wrong") {
    std::vector<uint8_t> data(64);
    const slimscale_image good = image(SLIMSCALE_RGB8, data, 4, 4, 3);
    const auto sentence = [](slimscale_image i, int colors = 3) {
        Error error;
        return check_image(i, colors, "input", error) == SLIMSCALE_OK ? std::string() : std::string(error.text);
    };
    slimscale_image i = good;
    CHECK(sentence(i) == "");
    i.width = 0;
    CHECK(sentence(i).find("at least 1") != std::string::npos);
    i = good;
    i.strides[0] = 11;
    CHECK(sentence(i).find("stride of 11 bytes") != std::string::npos);
    i = good;
    i.planes[0] = nullptr;
    CHECK(sentence(i).find("plane 0 of the input is null") != std::string::npos);
    i = good;
    i.format = static_cast<slimscale_format>(63);
    CHECK(sentence(i).find("unknown") != std::string::npos);
    CHECK(sentence(good, 1) == "");
    i = good;
    i.format = SLIMSCALE_GRAY8;
    CHECK(sentence(i).find("RGB or YUV") != std::string::npos);
    i = good;
    i.range = static_cast<slimscale_range>(3);
    CHECK(sentence(i).find("range is 3") != std::string::npos);
    i = good;
    i.format = SLIMSCALE_NV12;
    i.strides[0] = 4;
    CHECK(sentence(i).find("plane 1 of the input is null") != std::string::npos);
    i.planes[1] = data.data();
    i.strides[1] = 3;
    CHECK(sentence(i).find("plane 1 of the input has a stride of 3 bytes") != std::string::npos);
    i = good;
    i.format = SLIMSCALE_RGB16;
    i.strides[0] = 25;
    CHECK(sentence(i).find("not aligned") != std::string::npos);
}
