#include "tests/blocks/layers.h"

#include "contract/winograd.h"

namespace slimscale::test {

namespace {

using Halide::Runtime::Buffer;
constexpr int kBlock = 16, kGpuBlock = 32;
constexpr float kOutsideBlock = 1e30f;  // for channels beyond the last, which must not matter

// Calls visit(o, i, k, l, value) for the values of the transformed filter.
template <typename Visit>
void for_each_element(const Layer &layer, Visit visit) {
    for (int o = 0; o < layer.outputs; o++) {
        for (int i = 0; i < layer.inputs; i++) {
            float g[3][3], u[6][6];
            for (int ky = 0; ky < 3; ky++)
                for (int kx = 0; kx < 3; kx++)
                    g[ky][kx] = layer.weight(o, i, ky, kx);
            winograd::transform_filter(g, u);
            for (int l = 0; l < 6; l++)
                for (int k = 0; k < 6; k++)
                    visit(o, i, k, l, u[l][k]);
        }
    }
}

}  // namespace

double Layer::at(const Frame &frame, int o, int x, int y, int first_input) const {
    const int halo = kernel / 2;
    double sum = 0;
    for (int i = 0; i < frame.channels; i++) {
        for (int ky = 0; ky < kernel; ky++) {
            for (int kx = 0; kx < kernel; kx++) {
                sum +=
                    static_cast<double>(weight(o, first_input + i, ky, kx)) * frame.at(i, x + kx - halo, y + ky - halo);
            }
        }
    }
    return sum;
}

Buffer<float, 1> slope_buffer(const Layer &layer) {
    Buffer<float, 1> result(round_up(layer.outputs, kBlock));
    result.for_each_element([&](int o) { result(o) = o < layer.outputs ? layer.slope(o) : kOutsideBlock; });
    return result;
}

Buffer<float, 1> bias_buffer(const Layer &layer) {
    Buffer<float, 1> result(round_up(layer.outputs, kBlock));
    result.for_each_element([&](int o) { result(o) = o < layer.outputs ? layer.bias(o) : kOutsideBlock; });
    return result;
}

Buffer<float, 3> blocked_1x1(const Layer &layer) {
    Buffer<float, 3> result(kBlock, layer.inputs, round_up(layer.outputs, kBlock) / kBlock);
    result.for_each_element([&](int o16, int i, int block) {
        const int o = block * kBlock + o16;
        result(o16, i, block) = o < layer.outputs ? layer.weight(o, i, 0, 0) : kOutsideBlock;
    });
    return result;
}

Buffer<float, 5> blocked_3x3(const Layer &layer, int size) {
    Buffer<float, 5> result(size, 3, 3, layer.inputs, round_up(layer.outputs, size) / size);
    result.for_each_element([&](int lane, int kx, int ky, int i, int block) {
        const int o = block * size + lane;
        result(lane, kx, ky, i, block) = o < layer.outputs ? layer.weight(o, i, ky, kx) : kOutsideBlock;
    });
    return result;
}

Buffer<float, 4> transposed(const Layer &layer) {
    Buffer<float, 4> result(round_up(layer.inputs, kBlock), layer.kernel, layer.kernel, layer.outputs);
    result.for_each_element([&](int i, int kx, int ky, int o) {
        result(i, kx, ky, o) = i < layer.inputs ? layer.weight(o, i, ky, kx) : 0.f;
    });
    return result;
}

Buffer<float, 6> transformed(const std::vector<Layer> &layers, int groups) {
    // Blocks and Winograd-domain elements have a gap between them, as in the runtime.
    const int inputs = layers[0].inputs, blocks = round_up(layers[0].outputs, kBlock) / kBlock;
    Buffer<float, 6> result(kBlock, inputs + 1, 6, 6, blocks * groups, static_cast<int>(layers.size()) / groups);
    result.fill(kOutsideBlock);
    for (size_t n = 0; n < layers.size(); n++) {
        const int group = static_cast<int>(n) % groups, phase = static_cast<int>(n) / groups;
        for_each_element(layers[n], [&](int o, int i, int k, int l, float u) {
            result(o % kBlock, i, k, l, group * blocks + o / kBlock, phase) = u;
        });
    }
    result.crop(1, 0, inputs);
    return result;
}

Buffer<float, 2> bias_buffer(const std::vector<Layer> &layers, int groups) {
    const int outputs = layers[0].outputs;
    Buffer<float, 2> result(outputs * groups, static_cast<int>(layers.size()) / groups);
    result.for_each_element([&](int o, int phase) {
        const int number = phase * groups + o / outputs;
        result(o, phase) = layers[static_cast<size_t>(number)].bias(o % outputs);
    });
    return result;
}

Buffer<float, 4> transformed_for_gpu(const Layer &layer) {
    // It has more inputs than are read, as when a narrower width reads a wider one's filter.
    Buffer<float, 4> result(kGpuBlock, layer.inputs + 4, round_up(layer.outputs, kGpuBlock) / kGpuBlock, 36);
    result.fill(kOutsideBlock);
    for_each_element(
        layer, [&](int o, int i, int k, int l, float u) { result(o % kGpuBlock, i, o / kGpuBlock, 6 * l + k) = u; });
    result.crop(1, 0, layer.inputs);
    return result;
}

}  // namespace slimscale::test
