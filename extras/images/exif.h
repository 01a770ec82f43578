// EXIF data, changed in place: what is not understood stays as it is. Data that breaks TIFF's rules is left alone, and
// nothing outside of it is touched. It begins with its TIFF header ("II" or "MM"), as in PNG's eXIf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slimscale::images {

// Orientation 1..8 (1 if there is none); the tag is set to 1, and where it was another the thumbnail, which lies as the
// pixels did, is taken out.
int take_orientation(std::vector<uint8_t> &exif);

// Width and height, wherever they are said (in TIFF's tags and in EXIF's), in pixels.
void set_exif_size(std::vector<uint8_t> &exif, int width, int height);

// Where JPEG's marker and libvips' field hold it, a header ("Exif" and two zeros) stands before it: how many bytes of
// these it takes, 0 if they do not begin with it or nothing follows.
size_t exif_header_bytes(const uint8_t *bytes, size_t size);
// A copy for such a place: with the header, and with width and height as set_exif_size says them.
std::vector<uint8_t> with_exif_header(const std::vector<uint8_t> &exif, int width, int height);

// Pixels per unit times `factor`; sides_turn: x and y change places.
void scale_exif_resolution(std::vector<uint8_t> &exif, int factor, bool sides_turn = false);

}  // namespace slimscale::images
