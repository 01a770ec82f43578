// The ranges of convolutions' inputs are the plain executor's, at awkward sizes, and the same in bands, with any number
// of threads and on every target. Values beyond given ranges are counted, and what cannot be measured is an error.
#include <algorithm>
#include <cmath>
#include <limits>

#include "contract/blob_view.h"
#include "contract/model.h"
#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/runtime/frames.h"
#include "tests/runtime/model_files.h"
#include "tests/runtime/plain_executor.h"
#include "weights/pack.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{1, 1}, {5, 18}, {13, 9}};

// For sums of 36 products in f32, of activations that pipelines of other targets may round differently.
constexpr double kRelative = 1e-4;

// A handle that is planned for one image, and calls on it.
class Measured {
public:
    Measured(const slimscale_model *model, const Setup &setup, const reference::Volume &image)
        : handle_(open(model, setup)), pixels_(image.data.begin(), image.data.end()),
          image_(planar(pixels_, image.channels, image.width, image.height)),
          ranges(slimscale_range_count(handle_.get())) {
        REQUIRE(slimscale_plan(handle_.get(), image.width, image.height) == SLIMSCALE_OK);
    }

    slimscale_status measure(int width) {
        return slimscale_measure_ranges(handle_.get(), width, &image_, ranges.data(), ranges.size());
    }
    slimscale_status test(int width) {
        return slimscale_test_ranges(handle_.get(), width, &image_, ranges.data(), ranges.size(), &beyond, &total);
    }
    std::string error() const { return slimscale_error(handle_.get()); }
    slimscale_handle *handle() { return handle_.get(); }
    slimscale_image &image() { return image_; }

private:
    Handle handle_;
    std::vector<float> pixels_;
    slimscale_image image_;

public:
    std::vector<float> ranges;
    uint64_t beyond = 0, total = 0;
};

std::vector<float> measured(const slimscale_model *model, const Setup &setup, int width,
                            const reference::Volume &image) {
    Measured m(model, setup, image);
    REQUIRE(m.measure(width) == SLIMSCALE_OK);
    return m.ranges;
}

double worst(const std::vector<double> &want, const std::vector<float> &got) {
    REQUIRE(want.size() == got.size());
    const double most = *std::max_element(want.begin(), want.end());
    double difference = 0;
    for (size_t i = 0; i < want.size(); i++)
        if (!(want[i] == 0 && got[i] == 0))  // filters without ranges have zeros
            difference =
                std::max(difference, std::abs(want[i] - static_cast<double>(got[i])) / (want[i] + 1e-3 * most));
    return difference;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

int widest(const slimscale_model *model) {
    const slimscale_model_info info = describe(model);
    return info.channels[info.channels_length - 1];
}

}  // namespace

TEST_CASE("measured ranges are the plain executor's, for every network, width and awkward size") {
    for (const slimscale_model *model : all_models()) {
        const slimscale_model_info info = describe(model);
        for (int w = 0; w < info.channels_length; w++)
            for (const Size &size : kSizes) {
                const int width = info.channels[w];
                INFO(info.name << " at " << width << " channels, " << size.width << " x " << size.height);
                const auto image = reference::random_image(info.colors, size.height, size.width, 21);
                const PlainRanges want = ranges_plainly(model, "baseline", width, image);
                Measured m(model, {"baseline", {width}, 2, 0, true}, image);
                REQUIRE(m.measure(width) == SLIMSCALE_OK);
                CHECK(worst(want.most, m.ranges) < kRelative);
                REQUIRE(m.test(width) == SLIMSCALE_OK);
                CHECK(m.beyond == 0);  // no value exceeds the ranges that were just measured
                CHECK(m.total == want.values);
            }
    }
}

TEST_CASE("bands, threads and a run before change no range, targets only their rounding") {
    for (const char *name : {"golden_edsr_x2", "golden_carn_m_x3", "golden_rcan_x4"}) {
        const slimscale_model *model = model_named(name);
        const slimscale_model_info info = describe(model);
        const int width = widest(model);
        const auto image = reference::random_image(info.colors, 41, 23, 3);
        const std::vector<float> want = measured(model, {"baseline", {width}, 1, -1, true}, width, image);
        const std::vector<double> exact(want.begin(), want.end());
        Measured whole(model, {"baseline", {width}, 1, -1, true}, image);
        REQUIRE(whole.test(width) == SLIMSCALE_OK);
        for (int bands : {4, 16, 0})
            for (int threads : {1, 3, 9}) {
                INFO(name << ", bands of " << bands << ", " << threads << " threads");
                Measured m(model, {"baseline", {width}, threads, bands, true}, image);
                REQUIRE(m.measure(width) == SLIMSCALE_OK);
                CHECK(m.ranges == want);
                REQUIRE(m.test(width) == SLIMSCALE_OK);
                CHECK(m.total == whole.total);
            }
        for (int t = 0; t < info.target_count; t++)
            if (info.runnable[t])
                CHECK(worst(exact, measured(model, {info.targets[t], {width}, 2, 0, true}, width, image)) < kRelative);

        Measured again(model, {"baseline", {width}, 2, 8, true}, image);
        const auto before = run(again.handle(), width, info.scale, image);
        REQUIRE(again.measure(width) == SLIMSCALE_OK);
        CHECK(again.ranges == want);
        CHECK(same_bytes(before, run(again.handle(), width, info.scale, image)));
    }
}

TEST_CASE("ranges only widen, each width's apart, and tests count what lies beyond them") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const int width = widest(model), narrow = describe(model).channels[0];
    const auto dim = reference::random_image(3, 12, 16, 5);
    auto bright = dim;
    for (double &value : bright.data)
        value *= 2;
    const Setup setup{"auto", {narrow, width}, 2, 0, true};
    const std::vector<float> of_dim = measured(model, setup, width, dim),
                             of_bright = measured(model, setup, width, bright);
    Measured m(model, setup, bright);
    m.ranges = of_dim;
    REQUIRE(m.test(width) == SLIMSCALE_OK);
    CHECK(m.beyond > 0);
    CHECK(m.beyond < m.total);
    const uint64_t once = m.beyond, values = m.total;
    REQUIRE(m.test(width) == SLIMSCALE_OK);  // adds to the counts
    CHECK(m.beyond == 2 * once);
    CHECK(m.total == 2 * values);
    REQUIRE(m.measure(width) == SLIMSCALE_OK);
    for (size_t i = 0; i < m.ranges.size(); i++)
        CHECK(m.ranges[i] == std::max(of_dim[i], of_bright[i]));

    // Everything except exact zeros exceeds ranges of zero, and nothing exceeds huge ones.
    std::fill(m.ranges.begin(), m.ranges.end(), 0.0f);
    m.beyond = m.total = 0;
    REQUIRE(m.test(width) == SLIMSCALE_OK);
    CHECK(m.beyond > m.total / 2);
    std::fill(m.ranges.begin(), m.ranges.end(), 1e30f);
    m.beyond = 0;
    REQUIRE(m.test(width) == SLIMSCALE_OK);
    CHECK(m.beyond == 0);
    CHECK(measured(model, setup, narrow, dim) != of_dim);
}

TEST_CASE("8-bit images with and without alpha are measured as they are upscaled") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const int width = widest(model), columns = 9, rows = 7;
    auto image = reference::random_image(3, rows, columns, 5);
    std::vector<uint8_t> rgb, rgba;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            for (int c = 0; c < 3; c++) {
                const double level = std::clamp(std::round(image.at(c, y, x) * 255), 0.0, 255.0);
                image.at(c, y, x) = level / 255;
                rgb.push_back(static_cast<uint8_t>(level));
                rgba.push_back(static_cast<uint8_t>(level));
            }
            rgba.push_back(128);
        }
    const Setup setup{"auto", {width}, 1, 0, true};
    const std::vector<float> want = measured(model, setup, width, image);
    Measured m(model, setup, image);
    for (std::vector<uint8_t> *bytes : {&rgb, &rgba}) {
        std::fill(m.ranges.begin(), m.ranges.end(), 0.0f);
        m.image().format = bytes == &rgb ? SLIMSCALE_RGB8 : SLIMSCALE_RGBA8;
        m.image().planes[0] = bytes->data();
        m.image().strides[0] = static_cast<ptrdiff_t>(bytes->size()) / rows;
        REQUIRE(m.measure(width) == SLIMSCALE_OK);
        CHECK(worst({want.begin(), want.end()}, m.ranges) < kRelative);
    }
}

TEST_CASE("what cannot be measured is refused in words, and the handle goes on") {
    const slimscale_model *model = model_named("golden_edsr_x2");
    const int width = widest(model);
    const auto image = reference::random_image(3, 8, 8, 5);
    Measured m(model, {"auto", {width}, 1, 0, true}, image);
    CHECK(m.measure(width + 1) == SLIMSCALE_UNKNOWN_CHANNELS);
    CHECK(contains(m.error(), "was not opened"));
    slimscale_handle *s = m.handle();
    float *ranges = m.ranges.data();
    const size_t count = m.ranges.size();
    CHECK(slimscale_measure_ranges(s, width, &m.image(), ranges, count - 1) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(contains(m.error(), std::to_string(count)));
    CHECK(slimscale_measure_ranges(s, width, nullptr, ranges, count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_measure_ranges(s, width, &m.image(), nullptr, count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_test_ranges(s, width, &m.image(), ranges, count, nullptr, &m.total) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_measure_ranges(nullptr, width, &m.image(), ranges, count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(slimscale_range_count(nullptr) == 0);

    slimscale_image other = m.image();
    other.height--;
    CHECK(slimscale_measure_ranges(s, width, &other, ranges, count) == SLIMSCALE_NOT_PLANNED);
    other = m.image();
    other.planes[1] = nullptr;
    CHECK(slimscale_measure_ranges(s, width, &other, ranges, count) == SLIMSCALE_INVALID_ARGUMENT);
    other = m.image();
    other.memory = SLIMSCALE_CUDA_MEMORY;
    CHECK(slimscale_measure_ranges(s, width, &other, ranges, count) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(contains(m.error(), "host memory"));

    auto broken = image;
    broken.data[70] = std::numeric_limits<double>::quiet_NaN();
    Measured not_finite(model, {"auto", {width}, 1, 0, true}, broken);
    CHECK(not_finite.measure(width) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(contains(not_finite.error(), "not all finite"));
    broken.data[70] = 1e9;
    Measured too_large(model, {"auto", {width}, 1, 0, true}, broken);
    CHECK(too_large.measure(width) == SLIMSCALE_INVALID_ARGUMENT);
    CHECK(contains(too_large.error(), "ends at 65504"));
    CHECK(m.measure(width) == SLIMSCALE_OK);
}

TEST_CASE("measured ranges come back from the packed weights, which run as before") {
    for (const char *name : {"golden_edsr_x3", "golden_carn_x2", "golden_carn_m_x4", "golden_rcan_x2"}) {
        INFO(name);
        TestModel m = load(model_named(name));
        const int width = widest(m.model), narrow = m.info.channels[0];
        const auto image = reference::random_image(m.info.colors, 9, 11, 5);
        const std::vector<float> found = measured(m.model, {"auto", {width}, 1, 0, true}, width, image);
        auto ranges = weights::ranges_from(m.file.network, width, found, 1.25);
        REQUIRE(ranges.error() == "");
        m.file.q16[width] = std::move(*ranges);
        const auto blob = weights::pack(m.file);
        REQUIRE(blob.error() == "");

        slimscale_model calibrated = *m.model;
        calibrated.blob = blob->data();
        calibrated.blob_size = blob->size();
        CHECK(slimscale_has_ranges(m.model, width) == 0);
        CHECK(slimscale_has_ranges(&calibrated, width) == 1);
        CHECK(slimscale_has_ranges(&calibrated, narrow) == 0);
        CHECK(slimscale_has_ranges(&calibrated, 0) == 0);
        BlobView view;
        REQUIRE(open_blob(blob->data(), blob->size(), &view) == nullptr);
        REQUIRE(found.size() == q16_stride(*view.header));
        const float *packed = view.q16_ranges(width);
        for (size_t i = 0; i < found.size(); i++) {
            const auto filter = static_cast<uint32_t>(i / kQ16Elements);
            if (view.filters[filter].kernel == 1)
                CHECK(packed[i] == Approx(1.25 * static_cast<double>(found[i])));
            else
                CHECK(packed[i] >= found[i]);  // a Winograd-domain element near zero gets a larger range
        }
        CHECK(same_bytes(upscale(m.model, {}, width, m.info.scale, image),
                         upscale(&calibrated, {}, width, m.info.scale, image)));
    }
    CHECK(slimscale_has_ranges(nullptr, 16) == 0);
}
