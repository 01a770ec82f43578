// Random numbers as a pure function of (seed, stream, step, index): no state to save, the same with every standard
// library. Runs that are resumed, split over processes or repeated elsewhere draw the same numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace slimscale::base {

class Random {
public:
    // `stream` says what the numbers are for, so that no two purposes draw the same ones.
    Random(uint64_t seed, uint64_t stream, uint64_t step, uint64_t index = 0)
        : state_(mixed(mixed(mixed(mixed(seed) ^ stream) ^ step) ^ index)) {}

    uint64_t bits() { return mixed(state_ += kGamma); }

    // Uniform in 0..count-1; count is at least 1. The bias of the modulus, count / 2^64, does not matter here.
    uint64_t below(uint64_t count) { return bits() % count; }

    // Uniform in [0, 1), a multiple of 2^-53.
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }

    // Standard normal (Box and Muller 1958): two draws a number.
    double normal() {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

    // Poisson distributed with this mean, 0 or more. Up to kKnuth by Knuth's products of uniform numbers, whose time
    // grows with the mean; beyond by Hörmann's PTRS ("The transformed rejection method for generating Poisson random
    // variables", 1993), exact and of constant time.
    int64_t poisson(double mean) {
        constexpr double kKnuth = 10;
        return mean <= kKnuth ? poisson_by_products(mean) : poisson_by_rejection(mean);
    }

    // All orders are equally likely (Fisher and Yates).
    template <typename Item>
    void shuffle(std::vector<Item> &items) {
        for (size_t left = items.size(); left > 1; left--)
            std::swap(items[left - 1], items[below(left)]);
    }

private:
    // SplitMix64 (Steele, Lea, Flood 2014).
    static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;
    static constexpr uint64_t mixed(uint64_t z) {
        z += kGamma;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    int64_t poisson_by_products(double mean) {
        const double limit = std::exp(-mean);
        int64_t count = 0;
        for (double product = uniform(); product > limit; product *= uniform())
            count++;
        return count;
    }

    int64_t poisson_by_rejection(double mean) {
        const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
        const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accept = 0.9277 - 3.6224 / (b - 2);
        while (true) {
            const double u = uniform() - 0.5, v = uniform();
            const double us = 0.5 - std::fabs(u);
            const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= accept)
                return static_cast<int64_t>(k);
            if (k < 0 || (us < 0.013 && v > us))
                continue;
            if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
                k * std::log(mean) - mean - std::lgamma(k + 1))
                return static_cast<int64_t>(k);
        }
    }

    uint64_t state_;
};

}  // namespace slimscale::base
