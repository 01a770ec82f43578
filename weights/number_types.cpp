#include "weights/number_types.h"

#include <cstring>

namespace slimscale::weights {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file's numbers are used as they lie");

float from_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

float from_half(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 31, mantissa = half & 0x3ff;
    if (exponent == 31)  // infinity or NaN
        return from_bits(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) {  // zero or subnormal: mantissa * 2^-24
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
        return sign != 0 ? -magnitude : magnitude;
    }
    return from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

struct Row {
    std::string_view name;
    NumberType type;
    size_t bytes;
    double rounding;
};

constexpr double kFloatRounding = 0x1p-24;
constexpr Row kRows[] = {
    {"F64", NumberType::f64, 8, kFloatRounding},
    {"F32", NumberType::f32, 4, kFloatRounding},
    {"F16", NumberType::f16, 2, 0x1p-11},
    {"BF16", NumberType::bf16, 2, 0x1p-8},
    {"I64", NumberType::i64, 8, kFloatRounding},
    {"I32", NumberType::i32, 4, kFloatRounding},
    {"I16", NumberType::i16, 2, kFloatRounding},
    {"I8", NumberType::i8, 1, kFloatRounding},
    {"U64", NumberType::u64, 8, kFloatRounding},
    {"U32", NumberType::u32, 4, kFloatRounding},
    {"U16", NumberType::u16, 2, kFloatRounding},
    {"U8", NumberType::u8, 1, kFloatRounding},
    {"BOOL", NumberType::boolean, 1, kFloatRounding},
};

}  // namespace

std::optional<NumberType> number_type(std::string_view name) {
    for (const Row &row : kRows)
        if (row.name == name)
            return row.type;
    return std::nullopt;
}

size_t bytes_per_value(NumberType type) {
    return kRows[static_cast<size_t>(type)].bytes;
}

double rounding_of(NumberType type) {
    return kRows[static_cast<size_t>(type)].rounding;
}

float value_at(NumberType type, const uint8_t *bytes) {
    switch (type) {
    case NumberType::f64:
        return static_cast<float>(number_at<double>(bytes));
    case NumberType::f32:
        return number_at<float>(bytes);
    case NumberType::f16:
        return from_half(number_at<uint16_t>(bytes));
    case NumberType::bf16:
        return from_bits(static_cast<uint32_t>(number_at<uint16_t>(bytes)) << 16);
    case NumberType::i64:
        return static_cast<float>(number_at<int64_t>(bytes));
    case NumberType::i32:
        return static_cast<float>(number_at<int32_t>(bytes));
    case NumberType::i16:
        return static_cast<float>(number_at<int16_t>(bytes));
    case NumberType::i8:
        return static_cast<float>(number_at<int8_t>(bytes));
    case NumberType::u64:
        return static_cast<float>(number_at<uint64_t>(bytes));
    case NumberType::u32:
        return static_cast<float>(number_at<uint32_t>(bytes));
    case NumberType::u16:
        return static_cast<float>(number_at<uint16_t>(bytes));
    case NumberType::u8:
    case NumberType::boolean:
        return static_cast<float>(*bytes);
    }
    return 0;
}

std::vector<float> to_floats(NumberType type, const uint8_t *bytes, size_t count) {
    std::vector<float> values(count);
    if (count > 0 && type == NumberType::f32) {
        std::memcpy(values.data(), bytes, count * sizeof(float));
        return values;
    }
    const size_t step = bytes_per_value(type);
    for (size_t i = 0; i < count; i++)
        values[i] = value_at(type, bytes + step * i);
    return values;
}

}  // namespace slimscale::weights
