// Checks that a decoded image is whole, and that an image which can be written is the same when it is read again.
#pragma once

#include <vector>

#include "extras/images/codecs.h"
#include "extras/images/image.h"
#include "extras/images/metadata.h"
#include "tests/fuzz/fuzz.h"

namespace slimscale::fuzz {

constexpr uint64_t kMostPixels = 1 << 18;

inline void decode(const std::vector<uint8_t> &bytes, images::FileFormat format,
                   Status (*decode_bytes)(const std::vector<uint8_t> &, images::Image &)) {
    images::Image image;
    const Status status = decode_bytes(bytes, image);
    FUZZ_EXPECT(status.ok() || !status.error().empty());
    if (!status)
        return;
    FUZZ_EXPECT(image.width >= 1 && image.height >= 1 && image.channels >= 1 && image.channels <= 4);
    FUZZ_EXPECT(image.bits == 8 || image.bits == 16);
    FUZZ_EXPECT(image.samples.size() == image.row_bytes() * static_cast<size_t>(image.height));
    images::scale_density(image.metadata, 2);
    images::icc_profile(image.metadata);
    images::lost_in(format, image);
    std::vector<uint8_t> written;
    images::Image again;
    if (!images::encode_image(image, images::FileFormat::png, {}, written))
        return;
    FUZZ_EXPECT(images::decode_image(written, again).ok());
    FUZZ_EXPECT(again.samples == image.samples && again.width == image.width && again.channels == image.channels);
}

}  // namespace slimscale::fuzz
