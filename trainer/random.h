// Random numbers as a pure function of (seed, stream, step, index): no state to save, so that a resumed run draws what
// an unbroken one draws, and several processes share one sequence.
#pragma once

#include <cstdint>

namespace slimscale::trainer {

// What the numbers are for: streams do not repeat each other.
enum class Stream : uint64_t {
    patches = 1,
    widths,
    negatives,
    contrast,
};

class Random {
public:
    Random(uint64_t seed, Stream stream, uint64_t step, uint64_t index = 0)
        : state_(mixed(mixed(mixed(mixed(seed) ^ static_cast<uint64_t>(stream)) ^ step) ^ index)) {}

    uint64_t bits() { return mixed(state_ += kGamma); }

    // Uniform in 0..count-1; count is at least 1. The bias of the modulus, count / 2^64, is of no account here.
    uint64_t below(uint64_t count) { return bits() % count; }

private:
    // SplitMix64 (Steele, Lea, Flood 2014).
    static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;
    static constexpr uint64_t mixed(uint64_t z) {
        z += kGamma;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    uint64_t state_;
};

}  // namespace slimscale::trainer
