#include "tests/blocks/stored.h"

#include <algorithm>
#include <cstring>

#include "Halide.h"

namespace slimscale::test {

using contract::DataType;

uint16_t stored_bits(float value, DataType stored) {
    if (stored == DataType::f16)
        return Halide::float16_t(value).to_bits();
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float stored_value(uint16_t bits, DataType stored) {
    if (stored == DataType::f16)
        return static_cast<float>(Halide::float16_t::make_from_bits(bits));
    const uint32_t wide = uint32_t{bits} << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

StoredActivations::StoredActivations(const Activations &floats, DataType stored)
    : stored_(stored), floats_(floats), memory_((floats.count + 1) / 2),
      values_(reinterpret_cast<uint16_t *>(memory_.data()) + floats.count % 2), raw_(*floats.raw) {
    std::transform(floats.begin, floats.begin + floats.count, values_,
                   [&](float value) { return stored_bits(value, stored); });
    sent_.assign(values_, values_ + floats.count);
    raw_.host = reinterpret_cast<uint8_t *>(values_ + (reinterpret_cast<float *>(floats.raw->host) - floats.begin));
    raw_.type = halide_type_t(stored == DataType::f16 ? halide_type_float : halide_type_bfloat, 16);
    raw_.flags = 0;
}

void StoredActivations::bring_back() {
    for (size_t i = 0; i < floats_.count; i++)
        if (values_[i] != sent_[i])
            floats_.begin[i] = stored_value(values_[i], stored_);
}

}  // namespace slimscale::test
