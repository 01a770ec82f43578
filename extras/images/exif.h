// EXIF data, changed in place: what is not understood stays as it is. Data that breaks TIFF's rules is not changed, and
// nothing outside of it is accessed. It begins with its TIFF header ("II" or "MM"), as in PNG's eXIf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slimscale::images {

// Returns the orientation 1..8 (1 if there is none) and sets the tag to 1. If it was another, the thumbnail, which lies
// as the pixels did, is removed.
int take_orientation(std::vector<uint8_t> &exif);

// Sets width and height, in pixels, in those of TIFF's and EXIF's tags that are there.
void set_exif_size(std::vector<uint8_t> &exif, int width, int height);

// In JPEG's marker and libvips' field a header ("Exif" and two zeros) precedes the data. Returns the number of bytes
// that it takes of these; 0 if they do not begin with it or nothing follows.
size_t exif_header_bytes(const uint8_t *bytes, size_t size);
// A copy with that header, and with width and height set as by set_exif_size.
std::vector<uint8_t> with_exif_header(const std::vector<uint8_t> &exif, int width, int height);

// Multiplies the pixels per unit by `factor`. sides_turn: x and y change places.
void scale_exif_resolution(std::vector<uint8_t> &exif, int factor, bool sides_turn = false);

}  // namespace slimscale::images
