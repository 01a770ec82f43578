// The pipelines that move images on devices against plain loops: every type, awkward sizes, images with any strides.
#include <cmath>
#include <limits>
#include <string>

#include "tests/blocks/pipelines.h"
#include "tests/blocks/tensors.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;

// An image (c, x, y) of `samples` values a pixel, of which a pipeline sees `colors`, with a few values between rows. A
// pipeline must not change the values that it does not see.
template <typename Sample>
class Image {
public:
    Image(int colors, int width, int height, int samples, int first = 0, bool upside_down = false)
        : memory_(static_cast<size_t>(stride(width, samples) * height)) {
        const int row = stride(width, samples);
        for (size_t i = 0; i < memory_.size(); i++)
            memory_[i] = guard(i);
        halide_dimension_t shape[3] = {{0, colors, 1}, {0, width, samples}, {0, height, upside_down ? -row : row}};
        Sample *top = memory_.data() + first + (upside_down ? (height - 1) * row : 0);
        view_ = Halide::Runtime::Buffer<Sample, 3>(top, 3, shape);
    }

    Halide::Runtime::Buffer<Sample, 3> &buffer() { return view_; }
    Sample operator()(int c, int x, int y) const { return view_(c, x, y); }
    bool guards_intact() const {
        std::vector<bool> seen(memory_.size());
        view_.for_each_element(
            [&](int c, int x, int y) { seen[static_cast<size_t>(&view_(c, x, y) - memory_.data())] = true; });
        for (size_t i = 0; i < memory_.size(); i++)
            if (!seen[i] && memory_[i] != guard(i))
                return false;
        return true;
    }

private:
    static int stride(int width, int samples) { return width * samples + 5; }
    static Sample guard(size_t i) { return static_cast<Sample>(i % 251); }

    std::vector<Sample> memory_;
    Halide::Runtime::Buffer<Sample, 3> view_;
};

// The targets with pipelines for images: plain loops and GPUs. A GPU's buffers begin with their first value, so GPUs
// get no image whose rows run backwards.
std::vector<TestTarget> image_targets() {
    std::vector<TestTarget> list{naive_target()};
    for (const TestTarget &target : targets())
        if (target.on_gpu() && !target.in_f16())
            list.push_back(target);
    return list;
}

template <typename Sample>
constexpr float white() {
    return std::is_same_v<Sample, float> ? 1.f : static_cast<float>(std::numeric_limits<Sample>::max());
}

template <typename Sample>
std::string type_name() {
    return std::is_same_v<Sample, float> ? "f32" : "u" + std::to_string(8 * sizeof(Sample));
}

constexpr float kShift[3] = {112.5f, 110.25f, 0.f};

template <typename Sample>
float sample_at(int c, int x, int y) {
    const float value = noise(21, c, x, y) * 0.5f + 0.5f;
    return std::is_same_v<Sample, float> ? value : std::floor(value * white<Sample>());
}

template <typename Sample>
void check_load(const TestTarget &target, int colors, int samples, int width, bool upside_down) {
    CAPTURE(target.name, type_name<Sample>(), colors, samples, width, upside_down);
    constexpr int kHeight = 6;
    const float gain = 255.f / white<Sample>();
    Image<Sample> image(colors, width, kHeight, samples, 0, upside_down);
    image.buffer().for_each_element(
        [&](int c, int x, int y) { image.buffer()(c, x, y) = static_cast<Sample>(sample_at<Sample>(c, x, y)); });
    OutputView output(colors, width, kHeight);
    call("load_" + type_name<Sample>() + "_" + std::to_string(colors), target, image.buffer(), gain, kShift[0],
         kShift[1], kShift[2], output.buffer());
    for (int y = 0; y < kHeight; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < colors; c++) {
                // volatile, so that the product is rounded as in the pipeline.
                const volatile float product = sample_at<Sample>(c, x, y) * gain;
                REQUIRE(output(c, x, y) == product - kShift[c]);
            }
        }
    }
    CHECK(output.guards_intact());
}

// Values inside and beyond the range, at halves, and no numbers.
float network_value(int c, int x, int y, float white) {
    switch ((x + 3 * c + 7 * y) % 11) {
    case 0:
        return std::numeric_limits<float>::quiet_NaN();
    case 1:
        return -std::numeric_limits<float>::infinity();
    case 2:
        return 1e9f;
    case 3:
        return white - kShift[c];
    case 4:
        return static_cast<float>(x) + 0.5f - kShift[c];
    default:
        return noise(22, c, x, y) * white;
    }
}

template <typename Sample>
void check_store(const TestTarget &target, int colors, int samples, int width, bool upside_down) {
    CAPTURE(target.name, type_name<Sample>(), colors, samples, width, upside_down);
    constexpr int kHeight = 7, kRing = 5, kBase = -13, kRow0 = 3, kRows = 4;
    constexpr bool kFloat = std::is_same_v<Sample, float>;
    const float gain = white<Sample>() / 255;
    const int columns = width + 1;  // from -1
    Buffer3 input(colors, columns, kRing);
    input.translate(1, -1);
    input.fill(1e30f);
    for (int y = kRow0; y < std::min(kRow0 + kRows, kHeight); y++) {
        for (int x = 0; x < width; x++)
            for (int c = 0; c < colors; c++)
                input(c, x, ((y + kBase) % kRing + kRing) % kRing) = network_value(c, x, y, 255);
    }
    Image<Sample> image(colors, width, kRows, samples, 0, upside_down);
    const std::string name = "store_" + type_name<Sample>() + "_" + std::to_string(colors);
    call(name, target, input, kBase, kRing, kRow0, gain, kShift[0], kShift[1], kShift[2], image.buffer());
    for (int y = 0; y < kRows; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < colors; c++) {
                const float value = (network_value(c, x, y + kRow0, 255) + kShift[c]) * gain;
                if (kFloat) {
                    const auto got = static_cast<float>(image(c, x, y));
                    REQUIRE((got == value || (std::isnan(got) && std::isnan(value))));
                } else {
                    const float limited = value > 0 ? std::min(value, white<Sample>()) + 0.5f : 0.f;
                    REQUIRE(image(c, x, y) == static_cast<Sample>(limited));
                }
            }
        }
    }
    CHECK(image.guards_intact());
}

template <typename Sample>
void check_layouts(const TestTarget &target) {
    const bool floats = std::is_same_v<Sample, float>;
    for (int width : {1, 3, 33, 70}) {
        for (int colors : {1, 3}) {
            for (int samples : {colors, colors + 1}) {  // alone, with alpha
                if (floats && (colors != 1 || samples != 1))
                    continue;
                for (bool upside_down : {false, true}) {
                    if (upside_down && target.on_gpu())
                        continue;
                    check_load<Sample>(target, colors, samples, width, upside_down);
                    check_store<Sample>(target, colors, samples, width, upside_down);
                }
            }
        }
    }
}

TEST_CASE("images are loaded and stored", "[images]") {
    for (const TestTarget &target : image_targets()) {
        check_layouts<uint8_t>(target);
        check_layouts<uint16_t>(target);
        check_layouts<float>(target);
    }
}

double cubic(double d) {
    d = std::abs(d);
    return d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
}

// Alpha at output (x, y) in double precision: the cubic, with the image's edges repeated.
template <typename Sample>
double enlarged(const Image<Sample> &image, int width, int height, int scale, int x, int y) {
    const double px = (x + 0.5) / scale - 0.5, py = (y + 0.5) / scale - 0.5;
    double sum = 0;
    for (int j = static_cast<int>(std::floor(py)) - 1; j <= std::floor(py) + 2; j++)
        for (int i = static_cast<int>(std::floor(px)) - 1; i <= std::floor(px) + 2; i++)
            sum += cubic(px - i) * cubic(py - j) * image(0, std::clamp(i, 0, width - 1), std::clamp(j, 0, height - 1));
    return std::clamp(sum, 0., static_cast<double>(std::numeric_limits<Sample>::max()));
}

template <typename Sample>
void check_alpha(const TestTarget &target, int scale, int width, int height) {
    CAPTURE(target.name, type_name<Sample>(), scale, width, height);
    constexpr int kSamples = 2;  // gray and alpha
    const int row0 = 1, rows = height * scale - row0;
    Image<Sample> image(1, width, height, kSamples, 1), output(1, width * scale, rows, kSamples, 1);
    image.buffer().for_each_element([&](int, int x, int y) {
        // Half of it is opaque and must stay so.
        image.buffer()(0, x, y) = static_cast<Sample>(x < width / 2 ? white<Sample>() : sample_at<Sample>(0, x, y));
    });
    auto in = image.buffer().sliced(0, 0), out = output.buffer().sliced(0, 0);
    call("alpha_" + type_name<Sample>() + "_" + std::to_string(scale), target, in, width, height, row0, out);
    // Floats are off by a few units of their last place, 0.01 at white in 16 bits. Only values as near to a half may be
    // rounded the other way.
    const double near = 1e-6 * std::numeric_limits<Sample>::max();
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < width * scale; x++) {
            const double value = enlarged(image, width, height, scale, x, y + row0) + 0.5;
            const int got = output(0, x, y);
            REQUIRE(got >= static_cast<int>(value - near));
            REQUIRE(got <= static_cast<int>(value + near));
        }
    }
    CHECK(output.guards_intact());
}

TEST_CASE("alpha is enlarged with the cubic", "[images]") {
    for (const TestTarget &target : image_targets()) {
        for (int scale : {2, 3, 4}) {
            for (int width : {1, 2, 13, 40}) {
                check_alpha<uint8_t>(target, scale, width, 5);
                check_alpha<uint16_t>(target, scale, width, 5);
            }
        }
    }
}

TEST_CASE("clear writes zeros and nothing else", "[images]") {
    for (const TestTarget &target : image_targets()) {
        for (int width : {1, 5, 33, 130}) {
            CAPTURE(target.name, width);
            Image<uint32_t> image(1, width, 6, 3);
            auto words = image.buffer().sliced(0, 0);
            call("clear", target, words);
            for (int y = 0; y < 6; y++)
                for (int x = 0; x < width; x++)
                    REQUIRE(image(0, x, y) == 0);
            CHECK(image.guards_intact());
        }
    }
}

}  // namespace
