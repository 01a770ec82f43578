// Fixed-point filters: their values, that nothing can overflow, and that they do not depend on the opened widths.
#include "runtime/filters/quantized.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "contract/operation.h"
#include "contract/winograd.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::runtime;
using slimscale::contract::Operation;
using winograd::kQ16Gain;
using winograd::kQ16Limit;

namespace {

constexpr int kFull = 48, kNarrow = 16, kShuffle = 2, kPhases = kShuffle * kShuffle;

size_t index(int64_t n) {
    return static_cast<size_t>(n);
}

float uniform(std::mt19937 &random) {
    return static_cast<float>(random()) / static_cast<float>(std::mt19937::max());
}

// A blob of one upsampler convolution, 3x3 or 1x1, calibrated at two widths.
class Blob {
public:
    explicit Blob(int kernel = 3) : elements(kernel == 3 ? kQ16Elements : 1), taps(kernel * kernel) {
        filter_.inputs = filter_.outputs = kFull;
        filter_.kernel = static_cast<uint32_t>(kernel);
        filter_.phases = kPhases;
        filter_.groups = 1;
        filter_.weights_offset = round_up(sizeof(BlobHeader), kBlobAlignment);
        filter_.bias_offset = filter_.weights_offset + weight_count(filter_) * sizeof(float);
        const uint64_t ranges = filter_.bias_offset + bias_count(filter_) * sizeof(float);
        memory_.resize(ranges / sizeof(float) + 2 * kQ16Elements);
        std::mt19937 random(5);
        for (float &value : memory_)
            value = uniform(random) - 0.5f;
        for (int i = 0; i < 2 * kQ16Elements; i++)
            range(i / kQ16Elements, i % kQ16Elements, ranges) =
                i % kQ16Elements < elements ? 1 + 40 * uniform(random) : 0;
        auto *header = reinterpret_cast<BlobHeader *>(memory_.data());
        *header = {};
        header->filter_count = 1;
        header->q16_count = 2;
        header->q16_ranges_offset = ranges;
        view.header = header;
        view.filters = &filter_;
        view.q16_widths = widths_;
    }
    Blob(const Blob &) = delete;

    float &weight(int phase, int o, int i, int tap) {
        const uint64_t block =
            static_cast<uint64_t>(phase) * block_count(filter_) + static_cast<uint64_t>(o / kFilterBlock);
        const uint64_t row = (block * filter_.inputs + static_cast<uint64_t>(i)) * static_cast<uint64_t>(taps) +
                             static_cast<uint64_t>(tap);
        return memory_[filter_.weights_offset / sizeof(float) + row * kFilterBlock +
                       static_cast<uint64_t>(o % kFilterBlock)];
    }
    double transformed(int phase, int o, int i, int k, int l) {
        if (taps == 1)
            return weight(phase, o, i, 0);
        float g[3][3], u[6][6];
        for (int tap = 0; tap < 9; tap++)
            g[tap / 3][tap % 3] = weight(phase, o, i, tap);
        winograd::transform_filter(g, u);
        return u[l][k];
    }

    BlobView view;
    const int elements, taps;

private:
    float &range(int width, int element, uint64_t offset) {
        return memory_[offset / sizeof(float) + index(width * kQ16Elements + element)];
    }

    BlobFilter filter_{};
    const uint32_t widths_[2] = {kNarrow, kFull};
    std::vector<float> memory_;
};

slimscale_step step_of(Operation kind, int channels) {
    slimscale_step s{};
    s.kind = static_cast<int>(kind);
    s.input_count = 1;
    s.cin = s.cout = channels;
    s.groups = 1;
    s.shuffle = kShuffle;
    return s;
}

// Plans of one step each, and the filters that are opened for them.
struct Opened {
    explicit Opened(const Blob &blob, const std::vector<int> &channels) : elements(blob.elements) {
        const Operation kind = blob.taps == 1 ? Operation::conv1x1 : Operation::conv3x3;
        steps.reserve(channels.size());
        plans.reserve(channels.size());
        for (int width : channels) {
            steps.push_back(step_of(kind, width));
            plans.push_back({width, 0, 1, 0, nullptr, &steps.back()});
            pointers.push_back(&plans.back());
        }
        const slimscale_thread_pool pool{nullptr, 1, [](void *, int count, void (*task)(void *, int, int), void *data) {
                                             for (int i = 0; i < count; i++)
                                                 task(data, i, 0);
                                         }};
        slimscale_model model{};
        model.name = "test";
        const FilterLayout layout = FilterLayout::fixed_point;
        Error error;
        REQUIRE(filters.open(model, &layout, pointers.data(), static_cast<int>(pointers.size()), blob.view,
                             default_allocator(), pool, error) == SLIMSCALE_OK);
    }

    int value(int phase, int o, int i, int k, int l) const {
        const QuantizedFilter &f = filters[0];
        return f.weights[phase * f.phase + (k + 6 * l) * f.element + o / kFilterBlock * f.block +
                         (i / kPair * kFilterBlock + o % kFilterBlock) * kPair + i % kPair];
    }
    double output_scale(int width, int phase, int o) const {
        return filters.scales(*pointers[index(width)], 0).output_scale[phase * kFull + o];
    }
    double input_scale(int width, int k, int l) const {
        return filters.scales(*pointers[index(width)], 0).input_scale[k + 6 * l];
    }

    const int elements;
    std::vector<slimscale_step> steps;
    std::vector<slimscale_network_plan> plans;
    std::vector<const slimscale_network_plan *> pointers;
    QuantizedFilters filters;
};

template <typename Visit>
void for_each_sum(int elements, Visit visit) {  // (phase, o, k, l)
    for (int phase = 0; phase < kPhases; phase++)
        for (int o = 0; o < kFull; o++)
            for (int i = 0; i < elements; i++)
                visit(phase, o, i % 6, i / 6);
}

double largest_sum(const Opened &opened) {
    int64_t most = 0;
    for_each_sum(opened.elements, [&](int phase, int o, int k, int l) {
        int64_t sum = 0;
        for (int i = 0; i < kFull; i++)
            sum += std::abs(opened.value(phase, o, i, k, l));
        most = std::max(most, sum * kQ16Limit);
    });
    return static_cast<double>(most);
}

}  // namespace

TEST_CASE("fixed-point filters are the filters, but for half a unit") {
    const int kernel = GENERATE(1, 3);
    Blob blob(kernel);
    const Opened opened(blob, {kNarrow, kFull});
    for (int width : {0, 1}) {
        double worst = 0;
        for_each_sum(blob.elements, [&](int phase, int o, int k, int l) {
            for (int i = 0; i < kFull; i++) {
                const double unit = opened.input_scale(width, k, l) * opened.output_scale(width, phase, o) /
                                    (kQ16Gain[k] * kQ16Gain[l]);
                const double error = opened.value(phase, o, i, k, l) * unit - blob.transformed(phase, o, i, k, l);
                worst = std::max(worst, std::fabs(error) / unit);
            }
        });
        CHECK(worst < 0.51);
        CHECK(worst > 0.49);
    }
}

TEST_CASE("no sum of fixed-point products overflows, and none is far from it") {
    const int kernel = GENERATE(1, 3);
    Blob blob(kernel);
    CHECK(largest_sum(Opened(blob, {kFull})) <= INT32_MAX);
    CHECK(largest_sum(Opened(blob, {kFull})) > 0.9 * INT32_MAX);
    // Output 0 has zeros, output 1 has a single input, for which 16 bits are the limit, and output 2 has huge weights.
    for (int i = 0; i < kFull; i++)
        for (int tap = 0; tap < blob.taps; tap++)
            for (int phase = 0; phase < kPhases; phase++) {
                blob.weight(phase, 0, i, tap) = 0;
                blob.weight(phase, 1, i, tap) = i == 5 ? 1.f : 0.f;
                blob.weight(phase, 2, i, tap) = 1e30f;
            }
    const Opened opened(blob, {kFull});
    CHECK(largest_sum(opened) <= INT32_MAX);
    CHECK(opened.value(0, 0, 5, 0, 0) == 0);
    int most = 0;
    for_each_sum(blob.elements, [&](int phase, int o, int k, int l) {
        if (o == 1)
            most = std::max(most, std::abs(opened.value(phase, o, 5, k, l)));
    });
    CHECK(most >= INT16_MAX - 1);
}

TEST_CASE("inputs within a width's ranges fit, and use the limit") {
    const int kernel = GENERATE(1, 3);
    const Blob blob(kernel);
    const Opened opened(blob, {kNarrow, kFull});
    const int channels[] = {kNarrow, kFull};
    for (int width : {0, 1}) {
        const float *ranges = blob.view.q16_ranges(channels[width]);
        double most = 0;
        for (int i = 0; i < blob.elements; i++)
            most = std::max(most, opened.input_scale(width, i % 6, i / 6) * static_cast<double>(ranges[i]));
        CHECK(most == Approx(kQ16Limit).epsilon(1e-5));
    }
}

TEST_CASE("fixed-point filters do not depend on the widths that are opened") {
    const int kernel = GENERATE(1, 3);
    const Blob blob(kernel);
    const Opened both(blob, {kNarrow, kFull}), narrow(blob, {kNarrow});
    for_each_sum(blob.elements, [&](int phase, int o, int k, int l) {
        REQUIRE(both.value(phase, o, 3, k, l) == narrow.value(phase, o, 3, k, l));
        REQUIRE(both.input_scale(0, k, l) == narrow.input_scale(0, k, l));
        REQUIRE(both.output_scale(0, phase, o) == narrow.output_scale(0, phase, o));
    });
}

TEST_CASE("a width without ranges is found") {
    const Blob blob;
    const slimscale_network_plan known{kFull, 0, 0, 0, nullptr, nullptr}, unknown{32, 0, 0, 0, nullptr, nullptr};
    const slimscale_network_plan *widths[] = {&known, &unknown};
    CHECK(uncalibrated_width(widths, 1, blob.view) == nullptr);
    CHECK(uncalibrated_width(widths, 2, blob.view) == &unknown);
}
