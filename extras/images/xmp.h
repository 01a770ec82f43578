// XMP packets: XML in UTF-8 that cameras and editors put into files. Numbers in it that are about pixels are changed as
// text, in place; everything else stays as it is.
#pragma once

#include <cstdint>
#include <vector>

#include "extras/images/image.h"

namespace slimscale::images {

// Kept as PNG has it, a chunk of text under a keyword. Returns the packet; empty if there is none, or a compressed one.
std::vector<uint8_t> xmp_packet(const std::vector<Chunk> &chunks);
// Adds a packet, or replaces the one that is there. A packet with a zero byte, which is no UTF-8 text, is not added.
void set_xmp_packet(std::vector<Chunk> &chunks, const std::vector<uint8_t> &packet);

// Whether it speaks of a film or of other pictures behind the photo in its file (motion photos, gain maps).
bool speaks_of_what_follows(const std::vector<uint8_t> &packet);

// For pixels that were turned: tiff:Orientation is 1.
void set_xmp_upright(std::vector<uint8_t> &packet);
// Sets width and height, in pixels, in those of TIFF's and EXIF's properties that are there.
void set_xmp_size(std::vector<uint8_t> &packet, int width, int height);
// Multiplies pixels per unit, and the sizes and places of a panorama.
void scale_xmp(std::vector<uint8_t> &packet, int factor);

}  // namespace slimscale::images
