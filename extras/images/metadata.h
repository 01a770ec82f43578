// What accompanies the pixels. It is kept as PNG chunks (image.h), and translated for other formats here. EXIF data
// starts at its TIFF header ("II" or "MM"), as in PNG's eXIf.
#pragma once

#include "extras/images/codecs.h"
#include "extras/images/image.h"

namespace slimscale::images {

using Bytes = std::vector<uint8_t>;

const Chunk *find_chunk(const std::vector<Chunk> &chunks, const char *name);  // the first, or null
void add_chunk(std::vector<Chunk> &chunks, const char *name, Bytes data);

// Whether a PNG chunk of this name, four characters, says which colors the pixels' numbers mean.
bool describes_colors(const char *name);
// The note of an image whose file describes its colors in a way that cannot be read.
constexpr const char *kColorsLeftOut =
    "the file's description of its colors is damaged and left out: they may look different";

// The chunks of a PNG file that are true of the upscaled image too: those that describe its colors, texts (tEXt,
// zTXt, iTXt), eXIf and pHYs. Those with a wrong checksum are left out, and so are all after the first thousand.
std::vector<Chunk> kept_png_chunks(Source &file);

// The ICC profile; empty if there is none or it does not unpack.
Bytes icc_profile(const std::vector<Chunk> &chunks);
void add_icc_profile(std::vector<Chunk> &chunks, const Bytes &profile);

// The chunk that describes colors otherwise than an ICC profile or sRGB would, which is what a picture without a
// description is taken for: "cICP", "gAMA" or "cHRM"; null if there is none.
const char *color_description_beyond_icc(const std::vector<Chunk> &chunks);

// Whether a PNG file has more than one picture.
bool is_animated_png(Source &file);

// Pixels per meter or, if `meters` is false, numbers of which only the ratio means something.
struct Density {
    uint32_t x = 0, y = 0;
    bool meters = false;
};
Density density(const std::vector<Chunk> &chunks);  // {0, 0} if unknown
void add_density(std::vector<Chunk> &chunks, const Density &density);
// Multiplies the density by `factor`, also in EXIF and XMP, so that `factor` times the pixels have the same printed
// size.
void scale_density(std::vector<Chunk> &chunks, int factor);

// The chunks with width and height of the picture in EXIF and XMP.
std::vector<Chunk> sized_metadata(const Image &image);

// Whether an orientation exchanges width and height.
inline bool turns_sides(int orientation) {
    return orientation >= 5 && orientation <= 8;
}
// Turns and mirrors the pixels so that orientation 1 is right for them.
void apply_orientation(Image &image, int orientation);

}  // namespace slimscale::images
