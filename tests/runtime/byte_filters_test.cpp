// The filters of int8 targets: bytes in the layout that tiles take, and scales and biases that give back the
// convolution.
#include "runtime/filters/bytes.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "contract/operation.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::runtime;
using slimscale::contract::Operation;

namespace {

constexpr int kFull = 96, kNarrow = 16, kOutputs = 40, kPhases = 4;

// A blob of one upsampler convolution with ranges at two widths.
class Blob {
public:
    Blob() {
        filter_.inputs = kFull;
        filter_.outputs = kOutputs;
        filter_.kernel = 3;
        filter_.phases = kPhases;
        filter_.groups = 1;
        filter_.weights_offset = round_up(sizeof(BlobHeader), kBlobAlignment);
        filter_.bias_offset = filter_.weights_offset + weight_count(filter_) * sizeof(float);
        const uint64_t ranges = filter_.bias_offset + bias_count(filter_) * sizeof(float);
        memory_.resize(ranges / sizeof(float) + 16);
        std::mt19937 random(5);
        for (float &value : memory_)
            value = static_cast<float>(random()) / static_cast<float>(std::mt19937::max()) - 0.5f;
        auto *header = reinterpret_cast<BlobHeader *>(memory_.data());
        *header = {};
        header->filter_count = 1;
        header->int8_count = 2;
        header->q16_ranges_offset = ranges;
        const float values[] = {-3, 9, 0, 4};
        std::copy_n(values, 4, memory_.data() + int8_ranges_offset(*header) / sizeof(float));
        view.header = header;
        view.filters = &filter_;
        view.int8_widths = widths_;
    }
    Blob(const Blob &) = delete;

    float weight(int phase, int o, int i, int tap) const {
        const auto block = static_cast<uint64_t>(phase) * block_count(filter_) + static_cast<uint64_t>(o / 16);
        const uint64_t row = (block * kFull + static_cast<uint64_t>(i)) * 9 + static_cast<uint64_t>(tap);
        return view.weights(0)[row * 16 + static_cast<uint64_t>(o % 16)];
    }

    BlobView view;

private:
    BlobFilter filter_{};
    const uint32_t widths_[2] = {kNarrow, kFull};
    std::vector<float> memory_;
};

slimscale_step convolution(int channels) {
    slimscale_step step{};
    step.kind = static_cast<decltype(step.kind)>(Operation::conv3x3);
    step.cin = channels;
    step.cout = std::min(channels, kOutputs);
    step.groups = 1;
    step.input_count = 1;
    step.shuffle = 2;
    step.filter2 = -1;
    return step;
}

void run_all(void *, int count, void (*task)(void *, int, int), void *data) {
    for (int i = 0; i < count; i++)
        task(data, i, 0);
}

struct Opened {
    Blob blob;
    slimscale_step steps[2] = {convolution(kNarrow), convolution(kFull)};
    slimscale_network_plan narrow{}, full{};
    std::vector<const slimscale_network_plan *> widths;
    ByteFilters filters;

    explicit Opened(bool both) {
        narrow.channels = kNarrow, narrow.steps = &steps[0], narrow.step_count = 1;
        full.channels = kFull, full.steps = &steps[1], full.step_count = 1;
        widths = both ? std::vector<const slimscale_network_plan *>{&narrow, &full}
                      : std::vector<const slimscale_network_plan *>{&narrow};
        slimscale_model model{};
        model.name = "test";
        const FilterLayout layouts[] = {FilterLayout::quads};
        slimscale_thread_pool pool{};
        pool.run = run_all;
        Error error;
        REQUIRE(filters.open(model, layouts, widths.data(), static_cast<int>(widths.size()), blob.view,
                             default_allocator(), pool, error) == SLIMSCALE_OK);
    }
    int byte(int phase, int o, int i, int tap) const {
        const ByteFilter &f = filters[0];
        const int64_t row = 16 * (tap + 9 * (i / 64)) + i % 64 / 4;
        return f.weights[phase * f.phase + o / 16 * f.block + (row * 16 + o % 16) * 4 + i % 4];
    }
};

}  // namespace

TEST_CASE("weights become bytes of each output's own step, in rows of quads, the same at all widths") {
    const Opened opened(true), alone(false);
    for (int phase = 0; phase < kPhases; phase++)
        for (int o = 0; o < kOutputs; o++) {
            float most = 0;
            for (int i = 0; i < kFull; i++)
                for (int tap = 0; tap < 9; tap++)
                    most = std::max(most, std::fabs(opened.blob.weight(phase, o, i, tap)));
            int largest = 0;
            for (int i = 0; i < kFull; i++)
                for (int tap = 0; tap < 9; tap++) {
                    const int byte = opened.byte(phase, o, i, tap);
                    largest = std::max(largest, std::abs(byte));
                    REQUIRE(std::fabs(static_cast<float>(byte) * most / 127 - opened.blob.weight(phase, o, i, tap)) <=
                            most / 253);
                    REQUIRE(byte == alone.byte(phase, o, i, tap));
                }
            CHECK(largest == 127);
        }
}

TEST_CASE("scales and biases of a width give back the convolution from bytes") {
    const Opened opened(true);
    std::mt19937 random(7);
    for (const slimscale_network_plan *width : opened.widths) {
        const ByteScales &scales = opened.filters.scales(*width, 0);
        const bool full = width->channels == kFull;
        CHECK(scales.input_zero == (full ? 0 : std::lround(3 * 255 / 12.)));
        CHECK(scales.input_scale == (full ? 255 / 4.f : 255 / 12.f));
        for (int phase = 0; phase < kPhases; phase++)
            for (int o = 0; o < width->steps->cout; o++) {
                int64_t sum = 0;
                const int padded = phase * 48 + o;
                double exact = opened.blob.view.bias(0)[padded];
                for (int i = 0; i < width->channels; i++)
                    for (int tap = 0; tap < 9; tap++) {
                        const int byte = static_cast<int>(random() % 256), weight = opened.byte(phase, o, i, tap);
                        sum += int64_t{byte} * weight;
                        exact += double(byte - scales.input_zero) * weight * double{scales.output_scale[padded]};
                    }
                const double got =
                    static_cast<double>(sum) * double{scales.output_scale[padded]} + double{scales.bias[padded]};
                CHECK(std::fabs(got - exact) < 1e-4);
            }
    }
}

TEST_CASE("a width without ranges is named") {
    Opened opened(true);
    CHECK(width_without_bytes(opened.widths.data(), 2, opened.blob.view) == nullptr);
    opened.full.channels = 64;
    CHECK(width_without_bytes(opened.widths.data(), 2, opened.blob.view) == &opened.full);
    CHECK(width_without_bytes(opened.widths.data(), 1, opened.blob.view) == nullptr);
}
