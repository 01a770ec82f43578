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

// By the names of safetensors: "F32", "BF16", "I64", "BOOL"; none for another.
std::optional<NumberType> number_type(std::string_view name);

size_t bytes_per_value(NumberType type);

// The largest relative error with which a number is held in this type: 2^-11 for f16. 2^-24, a float's, for f64 and
// integers, since floats are what they become.
double rounding_of(NumberType type);

// A number as it lies, at any address: files and machine are little-endian.
template <typename Number>
Number number_at(const uint8_t *bytes) {
    Number number;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

// Little-endian values, rounded to the nearest float; what is too large for one becomes infinite.
float value_at(NumberType type, const uint8_t *bytes);
std::vector<float> to_floats(NumberType type, const uint8_t *bytes, size_t count);

}  // namespace slimscale::weights
