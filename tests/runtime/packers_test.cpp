// The layouts of packed filters, index by index, and that every layout that a step may need can be made.
#include "runtime/filters/packers.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "contract/blob_view.h"
#include "contract/operation.h"
#include "contract/winograd.h"
#include "runtime/platform/memory.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::runtime;

namespace {

size_t index(int64_t n) {
    return static_cast<size_t>(n);
}

float of_bf16(uint16_t number) {
    const uint32_t bits = uint32_t{number} << 16;
    float result = 0;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}

// A plain filter as in the blob, (o16, kx, ky, ci, block, phase), whose numbers all differ.
struct Plain {
    BlobFilter filter{};
    std::vector<float> values;

    Plain(int kernel, int inputs, int outputs, int groups = 1, int phases = 1) {
        filter.kernel = static_cast<uint32_t>(kernel);
        filter.inputs = static_cast<uint32_t>(inputs);
        filter.outputs = static_cast<uint32_t>(outputs);
        filter.groups = static_cast<uint32_t>(groups);
        filter.phases = static_cast<uint32_t>(phases);
        values.resize(static_cast<size_t>(block_stride(filter)) * block_count(filter) * filter.phases);
        for (size_t i = 0; i < values.size(); i++)
            values[i] = static_cast<float>(i + 1);
    }
    float at(int phase, int o, int ci, int tap) const {
        const int taps = static_cast<int>(filter.kernel * filter.kernel), inputs = static_cast<int>(filter.inputs);
        const int64_t block = phase * static_cast<int64_t>(block_count(filter)) + o / kFilterBlock;
        return values[index(((block * inputs + ci) * taps + tap) * kFilterBlock + o % kFilterBlock)];
    }
};

struct Packed {
    PackedFilter shape;
    std::vector<float> values;

    Packed(const Plain &plain, FilterLayout layout) : shape(shape_packed(plain.filter, layout, /*in_place=*/false)) {
        values.resize(shape.bytes / sizeof(float));
        for (int phase = 0; phase < static_cast<int>(plain.filter.phases); phase++)
            for (int block = 0; block < shape.blocks; block++)
                pack_block(plain.filter,
                           plain.values.data() +
                               (phase * shape.blocks + block) * static_cast<int64_t>(block_stride(plain.filter)),
                           shape, block, values.data() + phase * shape.phase);
    }
    float at(int64_t i) const {
        REQUIRE(i >= 0);
        REQUIRE(index(i) < values.size());
        return values[index(i)];
    }
};

// The element (k, l) of a transformed 3x3 filter.
float element(const Plain &plain, int phase, int o, int ci, int k, int l) {
    float g[3][3], u[6][6];
    for (int tap = 0; tap < 9; tap++)
        g[tap / 3][tap % 3] = plain.at(phase, o, ci, tap);
    winograd::transform_filter(g, u);
    return u[l][k];
}

}  // namespace

TEST_CASE("1x1: as in the blob, and with blocks off multiples of 4 KB") {
    const Plain plain(1, 64, 40);
    for (const FilterLayout layout : {FilterLayout::plain, FilterLayout::off_pages}) {
        const Packed packed(plain, layout);
        for (int o = 0; o < 40; o++)
            for (int ci = 0; ci < 64; ci++)
                CHECK(packed.at(o / 16 * packed.shape.block + ci * 16 + o % 16) == plain.at(0, o, ci, 0));
        CHECK((packed.shape.block * 4 % 4096 == 0) == (layout == FilterLayout::plain));
    }
}

TEST_CASE("tail: input channels side by side, padded") {
    const Plain plain(3, 20, 3);
    const Packed packed(plain, FilterLayout::tail);
    for (int o = 0; o < 3; o++)
        for (int tap = 0; tap < 9; tap++)
            for (int ci = 0; ci < 32; ci++)
                CHECK(packed.at((o * 9 + tap) * 32 + ci) == (ci < 20 ? plain.at(0, o, ci, tap) : 0));
}

TEST_CASE("3x3 on GPUs: 32 outputs side by side, groups with blocks of their own") {
    constexpr int kOutputs = 96, kGroups = 2, kGroupOutputs = kOutputs / kGroups, kInputs = 8;
    const Plain plain(3, kInputs, kOutputs, kGroups, /*phases=*/4);
    const Packed direct(plain, FilterLayout::direct32), products(plain, FilterLayout::winograd32);
    for (int phase = 0; phase < 4; phase++)
        for (int o = 0; o < kOutputs; o++)
            for (int ci = 0; ci < kInputs; ci++) {
                const int group = o / kGroupOutputs, in_group = o % kGroupOutputs;
                const auto begin = [&](const PackedFilter &p) {
                    return phase * p.phase + group * p.group + in_group / 32 * p.block + in_group % 32;
                };
                for (int tap = 0; tap < 9; tap++)
                    CHECK(direct.at(begin(direct.shape) + (ci * 9 + tap) * 32) == plain.at(phase, o, ci, tap));
                for (int i = 0; i < 36; i++)
                    CHECK(products.at(begin(products.shape) + ci * 32 + i * products.shape.element) ==
                          element(plain, phase, o, ci, i % 6, i / 6));
            }
}

TEST_CASE("3x3 on processors: 16 outputs side by side, an element of Winograd's after the other") {
    const Plain plain(3, 16, 48, 1, /*phases=*/4);
    const Packed packed(plain, FilterLayout::winograd16);
    for (int phase = 0; phase < 4; phase++)
        for (int o = 0; o < 48; o++)
            for (int ci = 0; ci < 16; ci++)
                for (int i = 0; i < 36; i++)
                    CHECK(packed.at(phase * packed.shape.phase + i * packed.shape.element +
                                    o / 16 * packed.shape.block + ci * 16 + o % 16) ==
                          element(plain, phase, o, ci, i % 6, i / 6));
}

TEST_CASE(
    "3x3 in AMX tiles: rows of pairs of inputs for 16 outputs, rounded to bf16, a chunk of 32 inputs after the other") {
    constexpr int kInputs = 40, kOutputs = 64, kGroups = 2, kRow = 32;
    const Plain plain(3, kInputs, kOutputs, kGroups);
    const Packed packed(plain, FilterLayout::pairs);
    CHECK(packed.shape.group == kOutputs / kGroups / 16 * packed.shape.block);
    CHECK(packed.shape.block % 16 == 0);  // whole rows
    std::vector<uint16_t> weights(packed.values.size() * 2);
    std::memcpy(weights.data(), packed.values.data(), weights.size() * sizeof(uint16_t));
    std::vector<bool> seen(weights.size());
    for (int o = 0; o < kOutputs; o++)
        for (int ci = 0; ci < kInputs; ci++)
            for (int tap = 0; tap < 9; tap++) {
                const int row = 16 * (tap + 9 * (ci / 32)) + ci % 32 / 2;
                const size_t at = index(2 * (o / 16 * packed.shape.block) + row * kRow + 2 * (o % 16) + ci % 2);
                const float exact = plain.at(0, o, ci, tap);
                REQUIRE(std::abs(of_bf16(weights.at(at)) - exact) <= exact / 256);
                seen[at] = true;
            }
    for (size_t i = 0; i < weights.size(); i++)
        REQUIRE((seen[i] || weights[i] == 0));
}

TEST_CASE("1x1 in AMX tiles: rows of pairs of inputs, with rows for the last segment's whole steps") {
    constexpr int kOutputs = 48;
    for (const int inputs : {8, 24, 32, 96}) {
        const Plain plain(1, inputs, kOutputs);
        const Packed packed(plain, FilterLayout::pairs);
        CAPTURE(inputs);
        CHECK(packed.shape.block / 16 >= (inputs + 8) / 2);
        std::vector<uint16_t> weights(packed.values.size() * 2);
        std::memcpy(weights.data(), packed.values.data(), weights.size() * sizeof(uint16_t));
        std::vector<bool> seen(weights.size());
        for (int o = 0; o < kOutputs; o++)
            for (int ci = 0; ci < inputs; ci++) {
                const size_t at = index(2 * (o / 16 * packed.shape.block) + ci / 2 * 32 + 2 * (o % 16) + ci % 2);
                const float exact = plain.at(0, o, ci, 0);
                REQUIRE(std::abs(of_bf16(weights.at(at)) - exact) <= exact / 256);
                seen[at] = true;
            }
        for (size_t i = 0; i < weights.size(); i++)
            REQUIRE((seen[i] || weights[i] == 0));
    }
}

TEST_CASE("a weight is rounded to the nearest bf16, to even at a tie") {
    Plain plain(3, 1, 16);
    constexpr float kStep = 1.f / 128;  // between numbers of bf16 from 1 to 2
    const float values[] = {1 + kStep / 2, 1 + 3 * kStep / 2, 1 + kStep * 0.49f, -1 - kStep * 0.51f};
    const float rounded[] = {1, 1 + 2 * kStep, 1, -1 - kStep};
    for (size_t o = 0; o < 4; o++)
        plain.values[o] = values[o];
    const Packed packed(plain, FilterLayout::pairs);
    for (int o = 0; o < 4; o++) {
        uint16_t pair[2];  // the one input and a zero behind it
        std::memcpy(pair, &packed.values[index(o)], sizeof pair);
        CHECK(pair[1] == 0);
        CHECK(of_bf16(pair[0]) == rounded[o]);
    }
}

TEST_CASE("every layout that a step asks for has a packer, and none else takes memory in place but its own") {
    std::set<FilterLayout> asked;
    const Plain plain(3, 16, 32);
    for (int kind = 0; kind < contract::kOperationCount; kind++)
        for (int device : {SLIMSCALE_DEVICE_CPU, SLIMSCALE_DEVICE_CUDA})
            for (const int type : {SLIMSCALE_DATA_F32, SLIMSCALE_DATA_Q16, SLIMSCALE_DATA_BF16, SLIMSCALE_DATA_INT8}) {
                slimscale_compiled_target target{};
                target.device = device;
                target.data_type = type;
                const slimscale_winograd three{1, 2, 3};
                for (const slimscale_winograd *winograd : {static_cast<const slimscale_winograd *>(nullptr), &three}) {
                    target.winograd = device == SLIMSCALE_DEVICE_CPU ? nullptr : winograd;
                    slimscale_step step{};
                    step.kind = kind;
                    asked.insert(layout_of(target, step));
                }
            }
    CHECK(asked.size() == 10);
    for (const FilterLayout layout : asked) {
        const PackedFilter in_place = shape_packed(plain.filter, layout, true);
        CHECK(in_place.layout == layout);
        const bool as_in_blob = layout == FilterLayout::none || layout == FilterLayout::plain ||
                                layout == FilterLayout::fixed_point || layout == FilterLayout::quads;
        CHECK((in_place.bytes == 0) == as_in_blob);
        CHECK((shape_packed(plain.filter, layout, false).bytes == 0) == (layout == FilterLayout::none));
    }
}
