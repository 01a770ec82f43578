#include <algorithm>
#include <cstdio>

#include <jpeglib.h>

#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

namespace {

constexpr double kRoundTrip = 8;  // largest error of quality 95 on smooth images, of 255

Bytes profile(size_t size) {
    Bytes bytes(size);
    Noise noise(7);
    for (uint8_t &byte : bytes)
        byte = static_cast<uint8_t>(noise());
    return bytes;
}

// Horizontal and vertical sampling factors of the first component.
std::pair<int, int> sampling(const Bytes &jpeg) {
    jpeg_decompress_struct codec{};
    jpeg_error_mgr errors{};
    codec.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&codec);
    jpeg_mem_src(&codec, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
    jpeg_read_header(&codec, TRUE);
    const std::pair<int, int> factors{codec.comp_info[0].h_samp_factor, codec.comp_info[0].v_samp_factor};
    jpeg_destroy_decompress(&codec);
    return factors;
}

}  // namespace

TEST_CASE("JPEGs are read and written, gray and color, any size") {
    for (int channels : {1, 3}) {
        for (bool progressive : {false, true}) {
            for (const auto &[width, height] : {std::pair{1, 1}, {17, 3}, {40, 64}}) {
                CAPTURE(channels, progressive, width, height);
                const Image image = smooth_image(width, height, channels);
                Image read, again;
                Bytes written;
                JpegSpec spec;
                spec.progressive = progressive;
                REQUIRE(decode_image(make_jpeg(image, spec), read).error() == "");
                REQUIRE(read.channels == channels);
                REQUIRE(read.width == width);
                REQUIRE(read.height == height);
                REQUIRE(encode_image(read, FileFormat::jpeg, {}, written).error() == "");
                CHECK(sampling(written) == std::pair{1, 1});
                REQUIRE(decode_image(written, again).error() == "");
                CHECK(largest_difference(read, again) <= kRoundTrip);
            }
        }
    }
}

TEST_CASE("a JPEG is rounded from 16 bits, drops full opacity, refuses transparency") {
    Image image = noise_image(8, 8, 3, 16);
    for (size_t i = 0; i < image.samples.size() / 2; i++)
        image.samples_as<uint16_t>()[i] = 0x8080;  // 128 exactly
    Bytes bytes;
    Image read;
    REQUIRE(encode_image(image, FileFormat::jpeg, {}, bytes).error() == "");
    REQUIRE(decode_image(bytes, read).error() == "");
    CHECK(read.samples[0] == 128);

    Image opaque = smooth_image(8, 8, 4);
    for (size_t i = 0; i < opaque.pixels(); i++)
        opaque.samples[4 * i + 3] = 255;
    REQUIRE(encode_image(opaque, FileFormat::jpeg, {}, bytes).error() == "");
    REQUIRE(decode_image(bytes, read).error() == "");
    CHECK(read.channels == 3);
    opaque.samples[3] = 254;
    CHECK(encode_image(opaque, FileFormat::jpeg, {}, bytes).error().find("transparency") != std::string::npos);
}

TEST_CASE("a JPEG's profile, EXIF data and density are kept, also by way of PNG") {
    JpegSpec spec;
    spec.icc = profile(150000);  // three markers
    spec.exif = make_exif(1, true);
    spec.density_unit = 1;
    spec.density = 300;
    for (FileFormat format : {FileFormat::jpeg, FileFormat::png}) {
        Image image, again;
        Bytes bytes;
        REQUIRE(decode_image(make_jpeg(smooth_image(20, 10, 3), spec), image).error() == "");
        REQUIRE(encode_image(image, format, {}, bytes).error() == "");
        REQUIRE(decode_image(bytes, again).error() == "");
        CHECK(icc_profile(again.metadata) == spec.icc);
        REQUIRE(find_chunk(again.metadata, "eXIf"));
        CHECK(find_chunk(again.metadata, "eXIf")->data == spec.exif);
        CHECK(density(again.metadata).x == 11811);  // 300 / 0.0254
        CHECK(density(again.metadata).meters);
    }
}

TEST_CASE("a JPEG is turned as EXIF says, once") {
    const Image plain = smooth_image(24, 16, 3);
    JpegSpec spec;
    Image upright;
    REQUIRE(decode_image(make_jpeg(plain, spec), upright).error() == "");
    for (int orientation = 1; orientation <= 8; orientation++) {
        for (bool big_endian : {false, true}) {
            CAPTURE(orientation, big_endian);
            spec.exif = make_exif(orientation, big_endian);
            Image image;
            REQUIRE(decode_image(make_jpeg(plain, spec), image).error() == "");
            Image expected = upright;
            apply_orientation(expected, orientation);
            CHECK(image.samples == expected.samples);
            CHECK(image.width == (orientation >= 5 ? 16 : 24));
            CHECK(find_chunk(image.metadata, "eXIf")->data == make_exif(1, big_endian));
        }
    }
}

TEST_CASE("a JPEG that ends anywhere too early is an error, never a gray half") {
    for (bool progressive : {false, true}) {
        JpegSpec spec;
        spec.progressive = progressive;
        const Bytes jpeg = make_jpeg(smooth_image(40, 30, 3), spec);
        for (size_t size = 0; size < jpeg.size(); size++) {
            Image image;
            CAPTURE(progressive, size, jpeg.size());
            CHECK(decode_image(Bytes(jpeg.begin(), jpeg.begin() + static_cast<ptrdiff_t>(size)), image).error() != "");
        }
    }
}

TEST_CASE("a JPEG with wrong bytes does no harm") {
    JpegSpec spec;
    spec.icc = profile(500);
    spec.exif = make_exif(6, false);
    const Bytes jpeg = make_jpeg(smooth_image(40, 30, 3), spec);
    for (size_t at = 0; at < jpeg.size(); at++) {
        Bytes damaged = jpeg;
        damaged[at] = static_cast<uint8_t>(damaged[at] ^ 0x55);
        Image image;
        if (decode_image(damaged, image).error() == "")
            CHECK(image.samples.size() == image.row_bytes() * image.height);
    }
}

TEST_CASE("kinds of JPEG that are not read are not called damaged") {
    const Bytes jpeg = make_jpeg(smooth_image(16, 16, 3), {});
    const uint8_t start[] = {0xff, 0xc0};  // marker, length, precision
    const auto frame = std::search(jpeg.begin(), jpeg.end(), std::begin(start), std::end(start)) - jpeg.begin();
    Bytes twelve_bits = jpeg, hierarchical = jpeg;
    twelve_bits[static_cast<size_t>(frame) + 4] = 12;
    hierarchical[static_cast<size_t>(frame) + 1] = 0xc5;
    for (const Bytes &bytes : {twelve_bits, hierarchical}) {
        Image image;
        const std::string error = decode_image(bytes, image).error();
        CAPTURE(error);
        CHECK(error.find("a kind of JPEG that is not read") != std::string::npos);
    }
}

TEST_CASE("density turns with the picture") {
    Bytes jpeg;
    JpegSpec spec;
    spec.exif = make_exif(6, false);
    spec.density_unit = 2;
    spec.density = 100;
    jpeg = make_jpeg(smooth_image(16, 8, 3), spec);
    jpeg[17] = 50;  // JFIF: marker, length, "JFIF", version, unit, then two bytes each for x and y
    Image image;
    REQUIRE(decode_image(jpeg, image).error() == "");
    CHECK(density(image.metadata).x == 5000);
    CHECK(density(image.metadata).y == 10000);
}

TEST_CASE("a CMYK JPEG is refused with what to do") {
    JpegSpec spec;
    spec.cmyk = true;
    Image image;
    CHECK(decode_image(make_jpeg(smooth_image(8, 8, 3), spec), image).error().find("convert it to RGB") !=
          std::string::npos);
}
