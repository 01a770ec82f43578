// CRC-32 of IEEE 802.3 (reflected, polynomial 0xEDB88320), eight bytes a step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace slimscale {
namespace crc32_detail {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// tables[0][b]: the remainder of byte b; tables[k][b]: of b followed by k zero bytes.
constexpr Tables make_tables() {
    Tables tables{};
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < 8; bit++)
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xEDB88320u : 0u);
        tables[0][byte] = remainder;
    }
    for (size_t k = 1; k < 8; k++)
        for (size_t byte = 0; byte < 256; byte++)
            tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 255];
    return tables;
}

inline constexpr Tables kTables = make_tables();

}  // namespace crc32_detail

inline uint32_t crc32(const void *data, size_t size) {
    const auto &tables = crc32_detail::kTables;
    const uint8_t *byte = static_cast<const uint8_t *>(data);
    uint32_t crc = ~0u;
    for (; size >= 8; size -= 8, byte += 8) {
        crc = tables[7][(crc ^ byte[0]) & 255] ^ tables[6][((crc >> 8) ^ byte[1]) & 255] ^
              tables[5][((crc >> 16) ^ byte[2]) & 255] ^ tables[4][(crc >> 24) ^ byte[3]] ^ tables[3][byte[4]] ^
              tables[2][byte[5]] ^ tables[1][byte[6]] ^ tables[0][byte[7]];
    }
    for (; size != 0; size--, byte++)
        crc = (crc >> 8) ^ tables[0][(crc ^ *byte) & 255];
    return ~crc;
}

}  // namespace slimscale
