// Activations as targets store them in 16 bits, f16 or bf16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "HalideBuffer.h"
#include "contract/target.h"
#include "tests/blocks/tensors.h"

namespace slimscale::test {

// A float's bits in f16 or bf16, rounded to the nearest, to even at a tie, and the other way round.
uint16_t stored_bits(float value, contract::DataType stored);
float stored_value(uint16_t bits, contract::DataType stored);

inline float rounded_to(contract::DataType stored, double value) {
    return stored_value(stored_bits(static_cast<float>(value), stored), stored);
}

// A tensor of activations as an argument, in floats. Targets that store 16 bits get them rounded and return them
// widened.
struct Activations {
    template <int Dimensions>
    explicit Activations(Halide::Runtime::Buffer<float, Dimensions> &buffer)
        : raw(buffer.raw_buffer()), begin(buffer.begin()), count(buffer.size_in_bytes() / sizeof(float)) {}

    halide_buffer_t *raw;
    float *begin;  // of memory with `count` floats, gaps between strides included
    size_t count;
};

// Activations of a processor's target, in memory of their own, whose last number lies just before a page without
// access.
class StoredActivations {
public:
    StoredActivations(const Activations &floats, contract::DataType stored);
    halide_buffer_t *argument() { return &raw_; }
    // What has not changed keeps its float, since a guard value need not be a number of the type.
    void bring_back();

private:
    contract::DataType stored_;
    Activations floats_;
    GuardedFloats memory_;
    uint16_t *values_;
    std::vector<uint16_t> sent_;
    halide_buffer_t raw_;
};

}  // namespace slimscale::test
