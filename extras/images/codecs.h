// The codecs behind image.h: bytes to image and back. Errors are as in image.h.
#pragma once

#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::images {

// Takes a file's bytes piece by piece, so that large files are never in memory as a whole. C libraries call it.
class Sink {
public:
    virtual ~Sink() = default;
    virtual bool write(const void *data, size_t size) noexcept = 0;  // false: the encoding ends with an error
};

Status decode_png(const std::vector<uint8_t> &bytes, Image &image);
Status encode_png(const Image &image, Sink &sink);

Status decode_jpeg(const std::vector<uint8_t> &bytes, Image &image);
Status encode_jpeg(const Image &image, const WriteOptions &options, Sink &sink);

}  // namespace slimscale::images
