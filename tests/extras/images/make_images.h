// Image files for tests, made in memory by libpng and libjpeg themselves, and the images that must be read from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "extras/images/image.h"

namespace slimscale::images {

using Bytes = std::vector<uint8_t>;

// The same noise for the same seed.
class Noise {
public:
    explicit Noise(uint32_t seed) : state_(seed * 2654435761u + 12345u) {}
    uint32_t operator()() {  // 16 bits
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 16;
    }

private:
    uint32_t state_;
};

// Noise in every sample.
Image noise_image(int width, int height, int channels, int bits, uint32_t seed = 1);
// Sets alpha, which the image must have, to its largest value.
void make_opaque(Image &image);
// Slow waves, which JPEG keeps.
Image smooth_image(int width, int height, int channels);

struct PngSpec {
    int width = 7, height = 5;
    int color_type = 2, bit_depth = 8;  // as in IHDR
    bool interlaced = false;
    bool transparency = false;  // a tRNS chunk, for palettes, gray and RGB
    std::vector<Chunk> chunks;  // written before the pixels
};

struct PngFile {
    Bytes bytes;
    Image expected;  // without metadata
};
PngFile make_png(const PngSpec &spec);

struct JpegSpec {
    int quality = 95;
    bool progressive = false;
    bool interleaved = true;  // false: a scan for each component
    int restart_rows = 0;     // rows of blocks between restart markers; 0: none
    bool cmyk = false;        // four components, from the first three of the image
    Bytes icc, exif;          // exif starts at "II" or "MM"
    int density_unit = 0, density = 0;
};
Bytes make_jpeg(const Image &image, const JpegSpec &spec);

// EXIF data with one Orientation entry, little- or big-endian.
Bytes make_exif(int orientation, bool big_endian);

// EXIF data as a camera writes it: sizes in TIFF's tags (16 bits) and in EXIF's (32), 72 and 100 dots per inch, a
// thumbnail.
Bytes make_full_exif(int orientation, bool big_endian, int width, int height);
struct FullExif {
    uint32_t orientation, width, height, pixel_x, pixel_y, x_resolution, y_resolution, thumbnail_directory;
};
FullExif read_full_exif(const Bytes &exif);  // reads the places that make_full_exif writes

// The place of chunk `name`, which begins with its length; the file's size if there is none.
size_t find_png_chunk(const Bytes &png, const std::string &name);

double largest_difference(const Image &a, const Image &b);  // of samples; the images must have one shape

}  // namespace slimscale::images
