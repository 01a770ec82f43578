// The codecs behind image.h: bytes to image and back. Errors as there.
#pragma once

#include "extras/images/image.h"

namespace slimscale::images {

std::string decode_png(const std::vector<uint8_t> &bytes, Image &image);
std::string encode_png(const Image &image, std::vector<uint8_t> &bytes);

std::string decode_jpeg(const std::vector<uint8_t> &bytes, Image &image);
std::string encode_jpeg(const Image &image, const WriteOptions &options, std::vector<uint8_t> &bytes);

}  // namespace slimscale::images
