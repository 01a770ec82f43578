// Bins that calibration counts values in, by sign and magnitude: 32 of equal size from each power of two to the next,
// from 2^-16 to 2^16; smaller and larger magnitudes fall into the first and the last.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace slimscale::contract {

constexpr int kBinsPerOctave = 32, kOctaves = 32;
constexpr int kMagnitudeBins = kBinsPerOctave * kOctaves;
constexpr int kValueBins = 2 * kMagnitudeBins;  // negative values, then the others, each by magnitude

// Precondition: a finite number.
inline int value_bin(float value) {
    constexpr int kMantissaBits = 23 - 5, kFirst = (127 - kOctaves / 2) * kBinsPerOctave;
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const int bin = static_cast<int>((bits & 0x7fffffff) >> kMantissaBits) - kFirst;
    const int magnitude = bin < 0 ? 0 : bin >= kMagnitudeBins ? kMagnitudeBins - 1 : bin;
    return (bits >> 31 ? 0 : kMagnitudeBins) + magnitude;
}

// The magnitude that a bin of magnitudes (0 to kMagnitudeBins - 1) ends before.
inline double bin_end(int bin) {
    return std::ldexp(1 + (bin % kBinsPerOctave + 1.) / kBinsPerOctave, bin / kBinsPerOctave - kOctaves / 2);
}

}  // namespace slimscale::contract
