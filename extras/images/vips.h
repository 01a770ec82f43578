// WebP, TIFF, AVIF, JPEG XL and HEIC by libvips, where it is installed: it is looked for at run time, and neither built
// nor linked against. Errors as in image.h.
#pragma once

#include "base/status.h"
#include "extras/images/codecs.h"

namespace slimscale::images {

bool has_vips();

// Where there is no libvips, or one without the format, the error says so.
Status decode_by_vips(const std::vector<uint8_t> &bytes, Image &image);
Status encode_by_vips(const Image &image, FileFormat format, const WriteOptions &options, Sink &sink);

}  // namespace slimscale::images
