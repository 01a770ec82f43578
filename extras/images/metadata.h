// What accompanies the pixels: kept as PNG chunks (image.h), translated for JPEG here. EXIF data starts at its TIFF
// header ("II" or "MM"), as in PNG's eXIf.
#pragma once

#include "extras/images/image.h"

namespace slimscale::images {

using Bytes = std::vector<uint8_t>;

const Chunk *find_chunk(const std::vector<Chunk> &chunks, const char *name);  // the first, or null
void add_chunk(std::vector<Chunk> &chunks, const char *name, Bytes data);

// Chunks of a whole PNG file that say something true of the upscaled image too: colour space (iCCP, sRGB, gAMA, cHRM,
// cICP, mDCV, cLLI), texts (tEXt, zTXt, iTXt), eXIf and pHYs. Those with a wrong checksum are left out, and so is
// what follows the first thousand.
std::vector<Chunk> kept_png_chunks(const Bytes &file);

// Color profile. {} if there is none or it does not unpack.
Bytes icc_profile(const std::vector<Chunk> &chunks);
void add_icc_profile(std::vector<Chunk> &chunks, const Bytes &profile);

// The chunk that says how colors look where neither a color profile nor sRGB, which is what a picture without a
// description is taken for, says the same: "cICP", "gAMA" or "cHRM"; null if there is none.
const char *color_description_beyond_icc(const std::vector<Chunk> &chunks);

// Whether a PNG file has more than one picture.
bool is_animated_png(const Bytes &file);

// Pixels per unit; `meters` false: only their ratio means something.
struct Density {
    uint32_t x = 0, y = 0;
    bool meters = false;
};
Density density(const std::vector<Chunk> &chunks);  // {0, 0} if unknown
void add_density(std::vector<Chunk> &chunks, const Density &density);
// The printed size stays: `factor` times the pixels, `factor` times the density, also in EXIF.
void scale_density(std::vector<Chunk> &chunks, int factor);

// True if width and height change places.
inline bool turns_sides(int orientation) {
    return orientation >= 5 && orientation <= 8;
}
// Turns and mirrors the pixels so that orientation 1 is right for them.
void apply_orientation(Image &image, int orientation);

}  // namespace slimscale::images
