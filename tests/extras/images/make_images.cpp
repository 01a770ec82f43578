#include "tests/extras/images/make_images.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>
#include <png.h>

namespace slimscale::images {
namespace {

constexpr int kPaletteSize = 13, kTransparentEntries = 5;

void append(png_structp png, png_bytep data, size_t size) {
    auto *bytes = static_cast<Bytes *>(png_get_io_ptr(png));
    bytes->insert(bytes->end(), data, data + size);
}

png_color palette_color(int index) {
    return {static_cast<png_byte>(index * 19), static_cast<png_byte>(255 - index * 7),
            static_cast<png_byte>(index * index)};
}

png_byte palette_alpha(int index) {
    return static_cast<png_byte>(index < kTransparentEntries ? index * 50 : 255);
}

int stored_channels(int color_type) {
    switch (color_type) {
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return 2;
    case PNG_COLOR_TYPE_RGB:
        return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return 4;
    default:
        return 1;
    }
}

void put(Image &image, size_t index, uint32_t value) {
    if (image.bits == 16)
        image.samples_as<uint16_t>()[index] = static_cast<uint16_t>(value);
    else
        image.samples[index] = static_cast<uint8_t>(value);
}

// Sample values as stored, and those of the first pixel, the color that tRNS makes transparent.
struct Stored {
    int channels;
    std::vector<uint32_t> values;
    bool is_key(size_t pixel) const {
        return std::equal(values.begin(), values.begin() + channels,
                          values.begin() + static_cast<ptrdiff_t>(pixel * channels));
    }
};

Stored random_samples(const PngSpec &spec) {
    Stored stored{stored_channels(spec.color_type), {}};
    const bool palette = spec.color_type == PNG_COLOR_TYPE_PALETTE;
    const uint32_t count = palette ? std::min(kPaletteSize, 1 << spec.bit_depth) : 1u << spec.bit_depth;
    Noise noise(static_cast<uint32_t>(spec.color_type * 100 + spec.bit_depth));
    for (int i = 0; i < spec.width * spec.height * stored.channels; i++)
        stored.values.push_back(noise() % count);
    return stored;
}

Image expected_image(const PngSpec &spec, const Stored &stored) {
    const bool palette = spec.color_type == PNG_COLOR_TYPE_PALETTE;
    const int channels = (palette ? 3 : stored.channels) + (spec.transparency ? 1 : 0);
    Image image{spec.width, spec.height, channels, spec.bit_depth == 16 ? 16 : 8, {}, {}};
    image.allocate();
    const uint32_t spread = spec.bit_depth < 8 && !palette ? 255u / ((1u << spec.bit_depth) - 1u) : 1u;
    for (size_t i = 0; i < image.pixels(); i++) {
        const uint32_t *from = &stored.values[i * stored.channels];
        const size_t to = i * channels;
        if (palette) {
            const png_color color = palette_color(static_cast<int>(from[0]));
            put(image, to, color.red);
            put(image, to + 1, color.green);
            put(image, to + 2, color.blue);
        } else {
            for (int c = 0; c < stored.channels; c++)
                put(image, to + c, from[c] * spread);
        }
        if (spec.transparency)
            put(image, to + channels - 1,
                palette            ? palette_alpha(static_cast<int>(from[0]))
                : stored.is_key(i) ? 0
                : image.bits == 16 ? 65535
                                   : 255);
    }
    return image;
}

void set_palette(png_structp png, png_infop info, const PngSpec &spec) {
    png_color colors[kPaletteSize];
    png_byte alpha[kTransparentEntries];
    for (int i = 0; i < kPaletteSize; i++)
        colors[i] = palette_color(i);
    for (int i = 0; i < kTransparentEntries; i++)
        alpha[i] = palette_alpha(i);
    png_set_PLTE(png, info, colors, std::min(kPaletteSize, 1 << spec.bit_depth));
    if (spec.transparency)
        png_set_tRNS(png, info, alpha, std::min(kTransparentEntries, 1 << spec.bit_depth), nullptr);
}

void set_key_color(png_structp png, png_infop info, const Stored &stored) {
    png_color_16 key{};
    key.gray = key.red = static_cast<png_uint_16>(stored.values[0]);
    if (stored.channels == 3) {
        key.green = static_cast<png_uint_16>(stored.values[1]);
        key.blue = static_cast<png_uint_16>(stored.values[2]);
    }
    png_set_tRNS(png, info, nullptr, 0, &key);
}

// One byte a sample, which libpng packs, or two big-endian bytes for 16 bits.
std::vector<Bytes> png_rows(const PngSpec &spec, const Stored &stored) {
    std::vector<Bytes> rows(static_cast<size_t>(spec.height));
    const size_t per_row = static_cast<size_t>(spec.width) * stored.channels;
    for (size_t i = 0; i < stored.values.size(); i++) {
        Bytes &row = rows[i / per_row];
        if (spec.bit_depth == 16)
            row.push_back(static_cast<uint8_t>(stored.values[i] >> 8));
        row.push_back(static_cast<uint8_t>(stored.values[i]));
    }
    return rows;
}

}  // namespace

Image noise_image(int width, int height, int channels, int bits, uint32_t seed) {
    Image image{width, height, channels, bits, {}, {}};
    image.allocate();
    Noise noise(seed);
    for (uint8_t &sample : image.samples)
        sample = static_cast<uint8_t>(noise());
    return image;
}

void make_opaque(Image &image) {
    const size_t bytes = static_cast<size_t>(image.bits) / 8, pixel = static_cast<size_t>(image.channels) * bytes;
    for (size_t i = 0; i < image.samples.size(); i++)
        if (i % pixel >= pixel - bytes)
            image.samples[i] = 255;
}

Image smooth_image(int width, int height, int channels) {
    Image image{width, height, channels, 8, {}, {}};
    image.allocate();
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++)
                image.samples[(static_cast<size_t>(y) * width + x) * channels + c] =
                    static_cast<uint8_t>(std::lround(128 + 90 * std::sin(0.05 * x + c) * std::cos(0.04 * y)));
    return image;
}

PngFile make_png(const PngSpec &spec) {
    const Stored stored = random_samples(spec);
    PngFile file{{}, expected_image(spec, stored)};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &file.bytes, append, [](png_structp) {});
    png_set_IHDR(png, info, static_cast<png_uint_32>(spec.width), static_cast<png_uint_32>(spec.height), spec.bit_depth,
                 spec.color_type, spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (spec.color_type == PNG_COLOR_TYPE_PALETTE)
        set_palette(png, info, spec);
    else if (spec.transparency)
        set_key_color(png, info, stored);
    png_write_info(png, info);
    for (const Chunk &chunk : spec.chunks)
        png_write_chunk(png, reinterpret_cast<png_const_bytep>(chunk.name.data()), chunk.data.data(),
                        chunk.data.size());
    png_set_packing(png);
    std::vector<Bytes> rows = png_rows(spec, stored);
    std::vector<png_bytep> pointers;
    pointers.reserve(rows.size());
    for (Bytes &row : rows)
        pointers.push_back(row.data());
    png_write_image(png, pointers.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return file;
}

Bytes make_jpeg(const Image &image, const JpegSpec &spec) {
    jpeg_compress_struct codec{};
    jpeg_error_mgr errors{};
    codec.err = jpeg_std_error(&errors);
    jpeg_create_compress(&codec);
    unsigned char *output = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&codec, &output, &size);
    codec.image_width = static_cast<JDIMENSION>(image.width);
    codec.image_height = static_cast<JDIMENSION>(image.height);
    codec.input_components = spec.cmyk ? 4 : image.channels;
    codec.in_color_space = spec.cmyk ? JCS_CMYK : image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, spec.quality, TRUE);
    if (spec.progressive)
        jpeg_simple_progression(&codec);
    const jpeg_scan_info scans[3] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    if (!spec.interleaved) {
        codec.scan_info = scans;
        codec.num_scans = codec.num_components;
    }
    codec.restart_in_rows = spec.restart_rows;
    if (spec.density) {
        codec.density_unit = static_cast<UINT8>(spec.density_unit);
        codec.X_density = codec.Y_density = static_cast<UINT16>(spec.density);
    }
    jpeg_start_compress(&codec, TRUE);
    if (!spec.exif.empty()) {
        Bytes marker{'E', 'x', 'i', 'f', 0, 0};
        marker.insert(marker.end(), spec.exif.begin(), spec.exif.end());
        jpeg_write_marker(&codec, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
    }
    if (!spec.icc.empty())
        jpeg_write_icc_profile(&codec, spec.icc.data(), static_cast<unsigned>(spec.icc.size()));
    Bytes row(static_cast<size_t>(image.width) * 4);
    while (codec.next_scanline < codec.image_height) {
        const uint8_t *from = image.samples.data() + codec.next_scanline * image.row_bytes();
        for (int i = 0; i < image.width * codec.input_components; i++)
            row[static_cast<size_t>(i)] =
                from[i / codec.input_components * image.channels + i % codec.input_components % image.channels];
        JSAMPROW rows[1] = {row.data()};
        jpeg_write_scanlines(&codec, rows, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    Bytes bytes(output, output + size);
    std::free(output);
    return bytes;
}

Bytes make_exif(int orientation, bool big_endian) {
    const uint8_t value = static_cast<uint8_t>(orientation);
    if (big_endian)
        return {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0};
    return {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0};
}

namespace {

// The places of make_full_exif's parts, in bytes from the start.
constexpr size_t kFirst = 8, kEntry = 12, kResolutions = 86, kExif = 102, kThumbnail = 132, kFullExifBytes = 138;

struct ExifBytes {
    Bytes &bytes;
    bool big;
    void put(size_t at, size_t size, uint32_t value) {
        for (size_t i = 0; i < size; i++)
            bytes[at + (big ? size - 1 - i : i)] = static_cast<uint8_t>(value >> 8 * i);
    }
    uint32_t get(size_t at, size_t size) const {
        uint32_t value = 0;
        for (size_t i = 0; i < size; i++)
            value |= static_cast<uint32_t>(bytes[at + (big ? size - 1 - i : i)]) << 8 * i;
        return value;
    }
    void entry(size_t at, uint32_t tag, uint32_t type, uint32_t value) {
        put(at, 2, tag);
        put(at + 2, 2, type);
        put(at + 4, 4, 1);
        put(at + 8, type == 3 ? 2 : 4, value);
    }
    uint32_t value(size_t at) const { return get(at + 8, get(at + 2, 2) == 3 ? 2 : 4); }
};

}  // namespace

Bytes make_full_exif(int orientation, bool big_endian, int width, int height) {
    Bytes bytes(kFullExifBytes);
    bytes[0] = bytes[1] = big_endian ? 'M' : 'I';
    ExifBytes exif{bytes, big_endian};
    exif.put(2, 2, 42);
    exif.put(4, 4, kFirst);
    exif.put(kFirst, 2, 6);
    const size_t first = kFirst + 2;
    exif.entry(first, 0x0100, 3, static_cast<uint32_t>(width));
    exif.entry(first + kEntry, 0x0101, 3, static_cast<uint32_t>(height));
    exif.entry(first + 2 * kEntry, 0x0112, 3, static_cast<uint32_t>(orientation));
    exif.entry(first + 3 * kEntry, 0x011a, 5, kResolutions);
    exif.entry(first + 4 * kEntry, 0x011b, 5, kResolutions + 8);
    exif.entry(first + 5 * kEntry, 0x8769, 4, kExif);
    exif.put(first + 6 * kEntry, 4, kThumbnail);
    exif.put(kResolutions, 4, 72);
    exif.put(kResolutions + 4, 4, 1);
    exif.put(kResolutions + 8, 4, 100);
    exif.put(kResolutions + 12, 4, 1);
    exif.put(kExif, 2, 2);
    exif.entry(kExif + 2, 0xa002, 4, static_cast<uint32_t>(width));
    exif.entry(kExif + 2 + kEntry, 0xa003, 4, static_cast<uint32_t>(height));
    return bytes;
}

FullExif read_full_exif(const Bytes &bytes) {
    Bytes copy = bytes;
    const ExifBytes exif{copy, bytes[0] == 'M'};
    const size_t first = kFirst + 2;
    return {exif.value(first + 2 * kEntry), exif.value(first),
            exif.value(first + kEntry),     exif.value(kExif + 2),
            exif.value(kExif + 14),         exif.get(kResolutions, 4),
            exif.get(kResolutions + 8, 4),  exif.get(first + 6 * kEntry, 4)};
}

size_t find_png_chunk(const Bytes &png, const std::string &name) {
    for (size_t at = 8; at + 12 <= png.size();) {
        if (std::equal(name.begin(), name.end(), png.begin() + static_cast<ptrdiff_t>(at) + 4))
            return at;
        at += 12 + (size_t{png[at]} << 24 | size_t{png[at + 1]} << 16 | size_t{png[at + 2]} << 8 | size_t{png[at + 3]});
    }
    return png.size();
}

double largest_difference(const Image &a, const Image &b) {
    double largest = 0;
    for (size_t i = 0; i < a.samples.size() / (a.bits / 8); i++) {
        const double difference =
            a.bits == 8 ? a.samples[i] - b.samples[i] : a.samples_as<uint16_t>()[i] - b.samples_as<uint16_t>()[i];
        largest = std::max(largest, std::abs(difference));
    }
    return largest;
}

}  // namespace slimscale::images
