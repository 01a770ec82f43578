// bfloat16: the upper half of a float's bits.
#pragma once

#include <cstdint>
#include <cstring>

namespace slimscale::contract {

// Rounds to the nearest, to even at a tie. What is no number stays none.
inline uint16_t to_bf16(float value) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    constexpr uint32_t kQuiet = 0x40;
    if (value != value)
        return static_cast<uint16_t>(bits >> 16 | kQuiet);
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

}  // namespace slimscale::contract
