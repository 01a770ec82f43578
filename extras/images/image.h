// Images as their files have them, read and written as PNG and JPEG and, if libvips is installed, as WebP, TIFF, AVIF
// and JPEG XL; libvips also reads HEIC.
//
// Errors are sentences for the user that do not name the file, which the caller knows. Nothing here prints, and nothing
// but std::bad_alloc is thrown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::images {

// What accompanies the pixels, as chunks of PNG, kept byte for byte. Other codecs translate them (metadata.h).
struct Chunk {
    std::array<char, 4> name;  // "iCCP", "eXIf", "pHYs", ...
    std::vector<uint8_t> data;
};

struct Image {
    int width = 0, height = 0;     // pixels, at least 1
    int channels = 3;              // 1: gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha (straight)
    int bits = 8;                  // per sample: 8, or 16 in native byte order
    std::vector<uint8_t> samples;  // interleaved, rows from the top, without padding
    std::vector<Chunk> metadata;
    std::vector<std::string> notes{};  // a sentence for each part of the file that was left out and may be missed

    bool has_alpha() const { return channels == 2 || channels == 4; }
    int colors() const { return has_alpha() ? channels - 1 : channels; }
    size_t row_bytes() const { return static_cast<size_t>(width) * channels * (bits / 8); }
    size_t pixels() const { return static_cast<size_t>(width) * height; }
    uint64_t sample_bytes() const { return uint64_t{row_bytes()} * static_cast<uint64_t>(height); }

    // Sizes `samples` by the fields above, and zeroes them.
    void allocate() { samples.assign(row_bytes() * height, 0); }

    template <class Sample>
    Sample *samples_as() {
        return reinterpret_cast<Sample *>(samples.data());
    }
    template <class Sample>
    const Sample *samples_as() const {
        return reinterpret_cast<const Sample *>(samples.data());
    }
};

// Checks, before an image is allocated, that it has pixels and that no side is longer than files and networks take.
constexpr int kMaxSide = 1 << 20;
Status check_size(uint64_t width, uint64_t height);

// Checks that this process can have `bytes` more memory, by what is free on the machine, in the control groups around
// the process, and below its own limit. The error begins with `what` ("the image of 20000x10000"). What cannot be read
// is no limit.
Status check_memory(uint64_t bytes, const std::string &what);

enum class FileFormat { unknown, png, jpeg, webp, tiff, avif, jxl, heif };  // from webp on, libvips reads and writes
FileFormat format_of_name(const std::string &path);               // by extension, any case: also .jpe, .jfif and .jif
FileFormat format_of_file(const std::string &path);               // by its first bytes; unknown if it cannot be read
const char *name_of_format(FileFormat format);                    // "png", "jpg", "tif": the extension; "" for unknown
FileFormat format_of_content(const std::vector<uint8_t> &bytes);  // by signature

enum class Subsampling {
    none,    // 4:4:4
    halved,  // 4:2:0
};

struct WriteOptions {
    int jpeg_quality = 95;                             // 1..100
    Subsampling jpeg_subsampling = Subsampling::none;  // of chroma, whose detail the network has just made
    // Huffman tables made for the picture make a JPEG a few percent smaller, but the coefficients of the whole picture
    // wait for them, of 16 bits each. Beyond this many bytes the standard's tables are taken.
    uint64_t jpeg_waiting_bytes = uint64_t{256} << 20;
    FileFormat format{};  // the file's format; unknown: its name tells it
};

// The content tells the format; the name is ignored. A damaged or truncated file is an error, never a partial picture.
// Damage that loses no pixel is no error: a missing end after complete data, data after the end, scan parameters that
// baseline JPEG ignores, damaged chunks of a PNG that hold no pixels (the image's notes say if colors may look
// different).
Status decode_image(const std::vector<uint8_t> &bytes, Image &image);
Status read_image(const std::string &path, Image &image);

// Checks that `format` is written and can hold such an image: JPEG has no transparency and at most 65500 pixels a side.
Status check_format(FileFormat format, int width, int height, bool transparent);
// For JPEG and WebP, 16 bits are rounded to 8.
Status encode_image(const Image &image, FileFormat format, const WriteOptions &options, std::vector<uint8_t> &bytes);

// A sentence for each part of the image, whose samples are not looked at, that a file of that format will lack and that
// may be missed.
std::vector<std::string> lost_in(FileFormat format, const Image &image);

// The file appears whole or not at all (base/files.h).
Status write_image(const std::string &path, const Image &image, const WriteOptions &options);

}  // namespace slimscale::images
