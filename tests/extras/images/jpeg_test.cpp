#include <algorithm>
#include <cstdio>

#include <jpeglib.h>

#include "extras/images/exif.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

namespace {

constexpr double kRoundTrip = 8;  // the largest error of quality 95 on smooth images, of 255

Bytes profile(size_t size) {
    Bytes bytes(size);
    Noise noise(7);
    for (uint8_t &byte : bytes)
        byte = static_cast<uint8_t>(noise());
    return bytes;
}

// The horizontal and vertical sampling factors of the first component.
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

TEST_CASE("a JPEG that ends too early is an error, never a gray half, and without its end marker alone it is whole") {
    for (const int restarts : {0, 1})
        for (const auto &[progressive, interleaved] : {std::pair{false, true}, {true, true}, {false, false}}) {
            JpegSpec spec;
            spec.progressive = progressive;
            spec.interleaved = interleaved;
            spec.restart_rows = restarts;
            const Bytes jpeg = make_jpeg(smooth_image(40, 30, 3), spec);
            Image whole;
            REQUIRE(decode_image(jpeg, whole).error() == "");
            constexpr size_t kEndMarker = 2, kLastBits = 4;
            for (size_t size = 0; size < jpeg.size(); size++) {
                Image image;
                CAPTURE(progressive, interleaved, restarts, size, jpeg.size());
                const bool read =
                    decode_image(Bytes(jpeg.begin(), jpeg.begin() + static_cast<ptrdiff_t>(size)), image).error() == "";
                if (size >= jpeg.size() - kEndMarker)
                    CHECK(read);
                if (size < jpeg.size() - kEndMarker - kLastBits)
                    CHECK(!read);
                if (read)
                    CHECK(image.samples == whole.samples);
            }
        }
}

TEST_CASE("what cameras do to JPEGs that changes no pixel refuses none") {
    const Bytes jpeg = make_jpeg(smooth_image(40, 30, 3), {});
    Image whole;
    REQUIRE(decode_image(jpeg, whole).error() == "");
    const auto reads_the_same = [&](const Bytes &bytes) {
        Image image;
        const std::string error = decode_image(bytes, image).error();
        INFO(error);
        return error == "" && image.samples == whole.samples;
    };
    // Start of scan: marker, length, components, two bytes each, then Ss, Se and Ah/Al, which baseline ignores.
    const uint8_t start[] = {0xff, 0xda, 0, 12, 3};
    const auto scan = std::search(jpeg.begin(), jpeg.end(), std::begin(start), std::end(start)) - jpeg.begin();
    for (const auto &[spectral_end, approximation] : {std::pair{0, 0}, {63, 1}, {0, 0x11}, {62, 0}, {1, 0}}) {
        Bytes odd = jpeg;
        odd[static_cast<size_t>(scan) + 12] = static_cast<uint8_t>(spectral_end);
        odd[static_cast<size_t>(scan) + 13] = static_cast<uint8_t>(approximation);
        CAPTURE(spectral_end, approximation);
        CHECK(reads_the_same(odd));
    }
    Bytes trailing = jpeg;
    trailing.insert(trailing.end(), 5000, 0x42);  // a video, a depth map
    CHECK(reads_the_same(trailing));
    trailing.insert(trailing.end(), jpeg.begin(), jpeg.end());  // a second picture
    CHECK(reads_the_same(trailing));
    Bytes filled = jpeg;
    filled.insert(filled.begin() + 2, 7, 0xff);  // fill bytes before a marker
    CHECK(reads_the_same(filled));
    Bytes padded = jpeg;
    padded.insert(padded.end() - 2, {0, 0, 0});  // zeros between the data and the end
    CHECK(reads_the_same(padded));
    Bytes endless = jpeg;
    endless.resize(endless.size() - 2);
    endless.insert(endless.end(), {0, 0, 0});  // zeros without an end marker
    CHECK(reads_the_same(endless));
}

TEST_CASE("scans that are missing are noticed though the file has an end") {
    JpegSpec spec;
    spec.interleaved = false;
    Bytes jpeg = make_jpeg(smooth_image(40, 30, 3), spec);
    // Cut before the third scan.
    const uint8_t start[] = {0xff, 0xda};
    auto at = jpeg.begin();
    for (int i = 0; i < 3; i++)
        at = std::search(at + 1, jpeg.end(), std::begin(start), std::end(start));
    REQUIRE(at != jpeg.end());
    // Huffman tables may precede it, but they are no pixels.
    jpeg.erase(at, jpeg.end() - 2);
    Image image;
    CHECK(decode_image(jpeg, image).error().find("scans are missing") != std::string::npos);
}

TEST_CASE("the sizes in EXIF are the pixels', and a sideways thumbnail is taken out") {
    for (const bool big_endian : {false, true})
        for (const int orientation : {1, 3, 6}) {
            CAPTURE(big_endian, orientation);
            JpegSpec spec;
            spec.exif = make_full_exif(orientation, big_endian, 24, 16);
            Image image;
            REQUIRE(decode_image(make_jpeg(smooth_image(24, 16, 3), spec), image).error() == "");
            scale_density(image.metadata, 2);
            for (const FileFormat format : {FileFormat::png, FileFormat::jpeg}) {
                Bytes bytes;
                Image again;
                REQUIRE(encode_image(image, format, {}, bytes).error() == "");
                REQUIRE(decode_image(bytes, again).error() == "");
                const bool turned = orientation == 6;
                const FullExif exif = read_full_exif(find_chunk(again.metadata, "eXIf")->data);
                CHECK(exif.orientation == 1);
                CHECK(exif.width == (turned ? 16 : 24));
                CHECK(exif.height == (turned ? 24 : 16));
                CHECK(exif.pixel_x == exif.width);
                CHECK(exif.pixel_y == exif.height);
                CHECK(exif.x_resolution == (turned ? 200 : 144));  // twice 72 and 100
                CHECK(exif.y_resolution == (turned ? 144 : 200));
                CHECK((exif.thumbnail_directory != 0) == (orientation == 1));
            }
        }
}

TEST_CASE("EXIF data that breaks the rules is left alone") {
    Bytes exif = make_full_exif(6, false, 24, 16);
    for (size_t size = 0; size < exif.size(); size++) {
        Bytes cut(exif.begin(), exif.begin() + static_cast<ptrdiff_t>(size));
        Bytes copy = cut;
        take_orientation(copy);
        set_exif_size(copy, 100, 200);
        scale_exif_resolution(copy, 3, true);
        CHECK(copy.size() == size);
    }
    Noise noise(3);
    for (int i = 0; i < 20000; i++) {
        Bytes mutated = exif;
        mutated[noise() % mutated.size()] = static_cast<uint8_t>(noise());
        mutated[noise() % mutated.size()] = static_cast<uint8_t>(noise());
        take_orientation(mutated);
        set_exif_size(mutated, 100, 200);
        scale_exif_resolution(mutated, 3, true);
        CHECK(mutated.size() == exif.size());
    }
}

TEST_CASE("a profile of which a part is missing is left out, and said so") {
    JpegSpec spec;
    spec.icc = profile(150000);  // three markers
    Bytes jpeg = make_jpeg(smooth_image(20, 10, 3), spec);
    const std::string name = "ICC_PROFILE";
    const auto at = std::search(jpeg.begin(), jpeg.end(), name.begin(), name.end());
    REQUIRE(at != jpeg.end());
    *(at + static_cast<ptrdiff_t>(name.size()) + 1) = 9;  // the number of the part
    Image image;
    REQUIRE(decode_image(jpeg, image).error() == "");
    CHECK(icc_profile(image.metadata).empty());
    REQUIRE(image.notes.size() == 1);
    CHECK(image.notes[0].find("colors") != std::string::npos);
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
