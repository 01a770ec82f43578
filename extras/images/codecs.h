// The codecs behind image.h: bytes to image and back. Errors as there.
#pragma once

#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::images {

Status decode_png(const std::vector<uint8_t> &bytes, Image &image);
Status encode_png(const Image &image, std::vector<uint8_t> &bytes);

Status decode_jpeg(const std::vector<uint8_t> &bytes, Image &image);
Status encode_jpeg(const Image &image, const WriteOptions &options, std::vector<uint8_t> &bytes);

}  // namespace slimscale::images
