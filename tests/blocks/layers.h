// A convolution with random weights, plain and in the layouts that pipelines take.
#pragma once

#include <cmath>
#include <vector>

#include "tests/blocks/tensors.h"

namespace slimscale::test {

struct Layer {
    int inputs, outputs, kernel;
    uint32_t seed = 7;

    // He's scale makes outputs about as large as inputs.
    float weight(int o, int i, int ky, int kx) const {
        return noise(seed, o, i, ky, kx) * static_cast<float>(std::sqrt(3. / (inputs * kernel * kernel)));
    }
    float bias(int o) const { return noise(seed + 1, o); }
    float slope(int o) const { return noise(seed + 2, o); }  // of a PReLU; it may be negative
    double prelu(int o, double value) const { return value < 0 ? value * slope(o) : value; }

    // The sum over i, ky, kx of weight * frame in double precision; input `first_input` of the weights is for channel 0
    // of the frame.
    double at(const Frame &frame, int o, int x, int y, int first_input = 0) const;
};

// Each owns its memory, since Halide's runtime buffers count references.
Halide::Runtime::Buffer<float, 1> bias_buffer(const Layer &layer);                  // to a multiple of 16
Halide::Runtime::Buffer<float, 1> slope_buffer(const Layer &layer);                 // to a multiple of 16
Halide::Runtime::Buffer<float, 3> blocked_1x1(const Layer &layer);                  // o16, ci, block
Halide::Runtime::Buffer<float, 5> blocked_3x3(const Layer &layer, int block = 16);  // o of a block, kx, ky, ci, block
Halide::Runtime::Buffer<float, 4> transposed(const Layer &layer);           // ci (to a multiple of 16), kx, ky, o
Halide::Runtime::Buffer<float, 4> transformed_for_gpu(const Layer &layer);  // o32, ci, block, f

// The filter of a 3x3 convolution with groups and phases (o16, ci, k, l, block of all groups, phase) and its biases (o
// of all groups, phase). The layer of a group and phase is number phase * groups + group.
Halide::Runtime::Buffer<float, 6> transformed(const std::vector<Layer> &layers, int groups);
Halide::Runtime::Buffer<float, 2> bias_buffer(const std::vector<Layer> &layers, int groups);

}  // namespace slimscale::test
