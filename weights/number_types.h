// The number types of other programs' files, as floats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace slimscale::weights {

enum class NumberType { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

// The type of a name in safetensors ("F32", "BF16", "I64", "BOOL"); none for an unknown name.
std::optional<NumberType> number_type(std::string_view name);

size_t bytes_per_value(NumberType type);

// The largest relative rounding error of a number of this type after it was made a float: 2^-11 for f16, 2^-8 for bf16;
// 2^-24, a float's own, for f32, f64 and integers.
double rounding_of(NumberType type);

// Reads a number at any address. Files and machine are little-endian.
template <typename Number>
Number number_at(const uint8_t *bytes) {
    Number number;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

// Convert little-endian values to the nearest floats. A value that is too large for a float becomes infinite.
float value_at(NumberType type, const uint8_t *bytes);
std::vector<float> to_floats(NumberType type, const uint8_t *bytes, size_t count);

}  // namespace slimscale::weights
