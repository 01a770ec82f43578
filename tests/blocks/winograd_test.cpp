// Winograd's three pipelines on GPUs: each by itself against the matrices of contract/winograd.h in plain loops, and
// one after the other against the plain convolution.
#include <limits>

#include "contract/winograd.h"
#include "tests/blocks/compare.h"
#include "tests/blocks/conv3x3_case.h"
#include "tests/blocks/layers.h"
#include "tests/blocks/pipelines.h"
#include "tests/catch.h"

namespace {

using namespace slimscale;
using namespace slimscale::test;
using Halide::Runtime::Buffer;

constexpr int kRing = 24, kSide = contract::kAlpha, kElements = kSide * kSide;
constexpr int kTiles = 8;  // the product takes tiles in multiples of this
constexpr float kNoOutputMin = -std::numeric_limits<float>::infinity();
constexpr float kUnset = 1e30f;  // for tiles that only fill up the multiple, which must not matter

std::vector<TestTarget> gpu_targets() {
    std::vector<TestTarget> list;
    for (const TestTarget &target : targets())
        if (target.on_gpu())
            list.push_back(target);
    return list;
}

// Transformed inputs or products of a rectangle of tiles, as the executor lays them out.
class Transformed {
public:
    Transformed(int channel_count, int tile_columns, int tile_rows)
        : channels(channel_count), columns(tile_columns), rows(tile_rows),
          tiles(round_up(tile_columns * tile_rows, kTiles)),
          memory_(static_cast<size_t>(channel_count * tiles * kElements), kUnset) {}

    Buffer<float, 5> rectangle() {  // c, tx, ty, k, l
        const int element = channels * tiles;
        halide_dimension_t shape[5] = {{0, channels, 1},
                                       {0, columns, channels},
                                       {0, rows, channels * columns},
                                       {0, kSide, element},
                                       {0, kSide, kSide * element}};
        return Buffer<float, 5>(memory_.data(), 5, shape);
    }
    Buffer<float, 3> row() { return Buffer<float, 3>(memory_.data(), channels, tiles, kElements); }  // c, tile, f
    float at(int c, int tile, int f) const {
        const int index = (f * tiles + tile) * channels + c;
        return memory_[static_cast<size_t>(index)];
    }

    int channels, columns, rows, tiles;

private:
    std::vector<float> memory_;
};

// One convolution of one frame, ready to call with any output.
struct Case {
    int cin, cout, width, height = 21;
    bool add = false;
    float output_min = kNoOutputMin;
    int base = 17, row0 = 0;
    int channel_offset = 0, channel_total = 0;  // of the input, as in RingTensor
    Frame frame{cin, width, height, 3};
    Frame addend{cout, width, height, 4};
    Layer layer{cin, cout, 3};

    int columns() const { return round_up(width, 4) / 4; }

    double expected(int c, int x, int y) const {
        const double sum = layer.at(frame, c, x, y + row0) + layer.bias(c) + (add ? addend.at(c, x, y + row0) : 0);
        return std::max<double>(sum, output_min);
    }
};

Transformed transform_input(const Case &t, const TestTarget &target, int row, int rows) {
    RingTensor input(t.frame, kRing, t.base, t.row0 - 1, t.channel_offset, t.channel_total);
    Transformed result(t.cin, t.columns(), rows / 4);
    auto output = result.rectangle();
    call("winograd_input_" + std::to_string(t.cin), target, Activations{input.buffer()}, input.base, input.ring,
         t.height, t.row0 + row, output);
    return result;
}

Transformed multiply(const Layer &layer, const TestTarget &target, Transformed &inputs) {
    auto filter = transformed_for_gpu(layer);
    Transformed products(layer.outputs, inputs.columns, inputs.rows);
    auto input = inputs.row(), output = products.row();
    call("winograd_product_" + std::to_string(layer.inputs) + "_" + std::to_string(layer.outputs), target, input,
         filter, output);
    return products;
}

void transform_output(const Case &t, const TestTarget &target, Transformed &products, int row, Buffer3 &output) {
    auto bias = bias_buffer(t.layer);
    auto input = products.rectangle();
    if (t.add) {
        RingTensor addend(t.addend, kRing + 3, t.base - 40, t.row0);
        call("winograd_output_add_" + std::to_string(t.cout), target, input, bias, t.output_min,
             Activations{addend.buffer()}, addend.base, addend.ring, t.row0 + row, Activations{output});
    } else {
        call("winograd_output_" + std::to_string(t.cout), target, input, bias, t.output_min, Activations{output});
    }
}

// Computes `output` in bands of `rows_per_call` rows.
void run(const Case &t, const TestTarget &target, OutputView &output, int rows_per_call) {
    for (int row = 0; row < output.buffer().dim(2).extent(); row += rows_per_call) {
        Buffer3 part = output.rows(row, rows_per_call);
        Transformed inputs = transform_input(t, target, row, rows_per_call);
        Transformed products = multiply(t.layer, target, inputs);
        transform_output(t, target, products, row, part);
    }
}

void check(const Case &t, const TestTarget &target, int rows, OutputView::Strides strides = {}) {
    CAPTURE(t.cin, t.cout, target.name, t.width, t.row0, t.base, t.add, rows);
    OutputView output(t.cout, target.columns(t.width), rows, strides);
    run(t, target, output, rows);
    check_output(t, target.tolerance(), output, rows);
}

// B^T d B of one tile's pixels at Winograd-domain element k along x, l along y.
double input_element(const Case &t, int c, int tx, int ty, int k, int l) {
    double sum = 0;
    for (int j = 0; j < kSide; j++)
        for (int i = 0; i < kSide; i++)
            sum += winograd::kBt[l][j] * winograd::kBt[k][i] * t.frame.at(c, 4 * tx + i - 1, t.row0 + 4 * ty + j - 1);
    return sum;
}

double worst_input(const Case &t, const TestTarget &target, int rows) {
    const Transformed inputs = transform_input(t, target, 0, rows);
    double worst = 0;
    for (int f = 0; f < kElements; f++) {
        for (int tile = 0; tile < inputs.columns * inputs.rows; tile++) {
            for (int c = 0; c < t.cin; c++) {
                const double want =
                    input_element(t, c, tile % inputs.columns, tile / inputs.columns, f % kSide, f / kSide);
                worst = std::max(worst, std::abs(inputs.at(c, tile, f) - want));
            }
        }
    }
    return worst;
}

bool fill_untouched(const Transformed &t) {
    for (int f = 0; f < kElements; f++) {
        for (int tile = t.columns * t.rows; tile < t.tiles; tile++) {
            for (int c = 0; c < t.channels; c++)
                if (t.at(c, tile, f) != kUnset)
                    return false;
        }
    }
    return true;
}

TEST_CASE("winograd_input transforms every tile and leaves what fills up alone", "[winograd]") {
    constexpr double kTolerance = 2e-5;  // inputs up to 1, transformed up to 26
    for (const TestTarget &target : gpu_targets()) {
        for (const int width : {1, 4, 5, 37}) {
            for (const int row0 : {-3, 0, 15}) {
                Case t{16, 16, width};
                t.row0 = row0;
                CAPTURE(target.name, width, row0);
                CHECK(worst_input(t, target, 8) < kTolerance);
                CHECK(fill_untouched(transform_input(t, target, 0, 8)));
            }
        }
        Case group{8, 8, 13};
        group.channel_offset = 16, group.channel_total = 40;
        CHECK(worst_input(group, target, 12) < kTolerance);
    }
}

double worst_product(const Layer &layer, const TestTarget &target, int tile_columns) {
    Transformed inputs(layer.inputs, tile_columns, 1);
    auto filled = inputs.row();
    filled.for_each_element([&](int c, int tile, int f) { filled(c, tile, f) = noise(5, c, tile, f); });
    const auto filter = transformed_for_gpu(layer);
    const Transformed products = multiply(layer, target, inputs);
    double worst = 0;
    for (int f = 0; f < kElements; f++) {
        for (int tile = 0; tile < tile_columns; tile++) {
            for (int o = 0; o < layer.outputs; o++) {
                double want = 0;
                for (int i = 0; i < layer.inputs; i++)
                    want += static_cast<double>(inputs.at(i, tile, f)) * filter(o % 32, i, o / 32, f);
                worst = std::max(worst, std::abs(products.at(o, tile, f) - want));
            }
        }
    }
    return worst;
}

TEST_CASE("winograd_product is a matrix product per Winograd-domain element", "[winograd]") {
    constexpr double kTolerance = 1e-5;
    for (const TestTarget &target : gpu_targets()) {
        CAPTURE(target.name);
        for (const int columns : {1, 8, 67})
            CHECK(worst_product({16, 16, 3}, target, columns) < kTolerance);
        CHECK(worst_product({24, 40, 3}, target, 19) < kTolerance);  // a thread's channels straddle blocks of filters
    }
}

TEST_CASE("Winograd's three pipelines are a convolution at awkward sizes", "[winograd]") {
    for (const TestTarget &target : gpu_targets()) {
        for (const int width : {1, 2, 3, 4, 5, 13, 37})
            check({16, 16, width}, target, 4);
        check({16, 16, 1, 1}, target, 4);
        check({24, 40, 17, 19}, target, 24);
    }
}

TEST_CASE("Winograd's pipelines find rows, add and clamp", "[winograd]") {
    for (const TestTarget &target : gpu_targets()) {
        for (const int row0 : {-3, 0, 9}) {
            for (const float output_min : {0.f, kNoOutputMin}) {
                Case t{16, 16, 9};
                t.add = row0 <= 0, t.base = row0 == 9 ? -30 : 17, t.row0 = row0, t.output_min = output_min;
                check(t, target, 16);
            }
        }
    }
}

TEST_CASE("Winograd's pipelines read and write strided views and nothing else", "[winograd]") {
    const OutputView::Strides shuffle{2, 2, 1, 1, 0, 0}, group{1, 1, 0, 0, 16, 48};
    for (const TestTarget &target : gpu_targets()) {
        check({16, 16, 13}, target, 8, shuffle);
        Case t{16, 16, 13};
        t.channel_offset = 20, t.channel_total = 44;
        check(t, target, 8, group);
    }
}

TEST_CASE("Winograd's pipelines give the same bytes in bands", "[winograd]") {
    for (const TestTarget &target : gpu_targets()) {
        Case t{16, 16, 37};
        t.row0 = -3, t.add = true;
        OutputView whole(t.cout, t.width, 16), bands(t.cout, t.width, 16);
        run(t, target, whole, 16);
        run(t, target, bands, 4);
        CAPTURE(target.name);
        CHECK(byte_difference(whole, bands, t.cout, t.width, 16) == "");
    }
}

TEST_CASE("Winograd's pipelines at the channel counts that use them", "[.extended]") {
    for (const TestTarget &target : gpu_targets()) {
        check({128, 128, 11, 7}, target, 8);
        check({136, 160, 129, 7}, target, 8);
        check({256, 256, 5, 7}, target, 8);
    }
}

}  // namespace
