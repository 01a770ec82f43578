// Decodes a PNG as it is, and again with the checksum of every chunk made right, so that the code behind is reached.
#include <zlib.h>

#include "tests/fuzz/images_fuzz.h"

using namespace slimscale::images;

namespace {

uint32_t big_endian(const uint8_t *bytes) {
    return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
           static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

void renew_checksums(std::vector<uint8_t> &png) {
    for (size_t at = 8; at + 12 <= png.size();) {
        const size_t length = big_endian(&png[at]);
        if (length > png.size() - at - 12)
            return;
        const auto sum = static_cast<uint32_t>(crc32(0, &png[at + 4], static_cast<uInt>(length + 4)));
        for (size_t i = 0; i < 4; i++)
            png[at + 8 + length + i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
        at += length + 12;
    }
}

// Large pictures are slow and show nothing new: extras/images first checks that there is memory for them.
bool is_large(const std::vector<uint8_t> &png) {
    return png.size() >= 24 && uint64_t{big_endian(&png[16])} * big_endian(&png[20]) > slimscale::fuzz::kMostPixels;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    std::vector<uint8_t> png(data, data + size);
    if (is_large(png))
        return 0;
    slimscale::fuzz::decode(png, FileFormat::png, decode_png);
    renew_checksums(png);
    slimscale::fuzz::decode(png, FileFormat::png, decode_png);
    return 0;
}
