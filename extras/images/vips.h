// WebP, TIFF, AVIF, JPEG XL and HEIC by libvips, which is looked for at run time: nothing is built or linked against
// it. Errors are as in image.h.
#pragma once

#include "base/status.h"
#include "extras/images/codecs.h"

namespace slimscale::images {

bool has_vips();
// Whether the libvips that is there writes XMP, and EXIF, into files of that format: JPEG XL from 8.15 on, and into a
// TIFF no EXIF.
bool vips_keeps_xmp(FileFormat format);
bool vips_keeps_exif(FileFormat format);

// If libvips is missing, or lacks the format, the error says so.
Status decode_by_vips(const std::vector<uint8_t> &bytes, Image &image);
Status encode_by_vips(const Image &image, FileFormat format, const WriteOptions &options, Sink &sink);

}  // namespace slimscale::images
