#include <cstring>

#include <zlib.h>

#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

namespace {

constexpr int kGray = 0, kRgb = 2, kPalette = 3, kGrayAlpha = 4, kRgba = 6;

struct Type {
    int color_type, bit_depth;
    bool transparency;
};

std::vector<Type> all_types() {
    std::vector<Type> types;
    for (int depth : {1, 2, 4, 8, 16})
        for (bool transparency : {false, true})
            types.push_back({kGray, depth, transparency});
    for (int depth : {1, 2, 4, 8})
        for (bool transparency : {false, true})
            types.push_back({kPalette, depth, transparency});
    for (int depth : {8, 16}) {
        types.push_back({kRgb, depth, false});
        types.push_back({kRgb, depth, true});
        types.push_back({kGrayAlpha, depth, false});
        types.push_back({kRgba, depth, false});
    }
    return types;
}

PngSpec spec_of(const Type &type, int width, int height, bool interlaced) {
    PngSpec spec;
    spec.width = width;
    spec.height = height;
    spec.color_type = type.color_type;
    spec.bit_depth = type.bit_depth;
    spec.transparency = type.transparency;
    spec.interlaced = interlaced;
    return spec;
}

bool same_picture(const Image &a, const Image &b) {
    return a.width == b.width && a.height == b.height && a.channels == b.channels && a.bits == b.bits &&
           a.samples == b.samples;
}

// Changes IHDR's fields and corrects its checksum.
void set_size(Bytes &png, uint32_t width, uint32_t height) {
    for (size_t i = 0; i < 4; i++) {
        png[16 + i] = static_cast<uint8_t>(width >> (24 - 8 * i));
        png[20 + i] = static_cast<uint8_t>(height >> (24 - 8 * i));
    }
    const uint32_t crc = static_cast<uint32_t>(crc32(0, &png[12], 17));
    for (size_t i = 0; i < 4; i++)
        png[29 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
}

}  // namespace

TEST_CASE("every type of PNG is read, and written as gray or RGB in its depth") {
    for (const Type &type : all_types()) {
        for (bool interlaced : {false, true}) {
            for (const auto &[width, height] : {std::pair{1, 1}, {7, 5}, {33, 9}}) {
                CAPTURE(type.color_type, type.bit_depth, type.transparency, interlaced, width, height);
                const PngFile file = make_png(spec_of(type, width, height, interlaced));
                Image read, again;
                REQUIRE(decode_image(file.bytes, read).error() == "");
                REQUIRE(same_picture(read, file.expected));
                Bytes written;
                REQUIRE(encode_image(read, FileFormat::png, {}, written).error() == "");
                REQUIRE(decode_image(written, again).error() == "");
                CHECK(same_picture(again, file.expected));
            }
        }
    }
}

TEST_CASE("what accompanies a PNG's pixels is kept byte for byte") {
    PngSpec spec;
    spec.chunks = {{{'g', 'A', 'M', 'A'}, {0, 0, 0xb1, 0x8f}},
                   {{'c', 'H', 'R', 'M'}, Bytes(32, 3)},
                   {{'s', 'R', 'G', 'B'}, {1}},
                   {{'i', 'C', 'C', 'P'}, {'p', 0, 0, 1, 2, 3}},  // not valid, but kept as well
                   {{'t', 'E', 'X', 't'}, {'A', 0, 'b'}},
                   {{'t', 'E', 'X', 't'}, {'C', 0, 'd'}},
                   {{'z', 'T', 'X', 't'}, {'K', 0, 0, 9}},
                   {{'i', 'T', 'X', 't'}, {'K', 0, 0, 0, 0, 0, 'x'}},
                   {{'p', 'H', 'Y', 's'}, {0, 0, 1, 0, 0, 0, 2, 0, 1}},
                   {{'e', 'X', 'I', 'f'}, make_exif(6, false)}};
    std::vector<Chunk> kept = spec.chunks;
    spec.chunks.push_back({{'t', 'I', 'M', 'E'}, {7, 0xe6, 1, 1, 1, 1, 1}});  // about the old pixels
    spec.chunks.push_back({{'b', 'K', 'G', 'D'}, {0, 0, 0, 0, 0, 0}});
    spec.chunks.push_back({{'g', 'A', 'M', 'A'}, {0, 0, 0, 1}});  // a second one is not allowed

    Image image, again;
    Bytes written;
    REQUIRE(decode_image(make_png(spec).bytes, image).error() == "");
    REQUIRE(encode_image(image, FileFormat::png, {}, written).error() == "");
    REQUIRE(decode_image(written, again).error() == "");
    REQUIRE(again.metadata.size() == kept.size());
    for (size_t i = 0; i < kept.size(); i++) {
        CHECK(again.metadata[i].name == kept[i].name);
        CHECK(again.metadata[i].data == kept[i].data);
    }
}

TEST_CASE("a picture without its transparency is another one: an error") {
    PngSpec spec;
    spec.transparency = true;
    Bytes bytes = make_png(spec).bytes;
    bytes[find_png_chunk(bytes, "tRNS") + 8] ^= 1;
    Image image;
    CHECK(decode_image(bytes, image).error().find("tRNS: CRC error") != std::string::npos);
    // A chunk whose name is damaged could be anything.
    bytes = make_png(spec).bytes;
    bytes[find_png_chunk(bytes, "tRNS") + 7] ^= 1;
    CHECK(decode_image(bytes, image).error().find("CRC error") != std::string::npos);
}

TEST_CASE("chunks that are no pixels may have a wrong checksum: they are left out, and colors are spoken of") {
    for (const std::string name : {"iCCP", "sRGB", "gAMA", "cHRM", "cICP", "mDCV", "cLLI", "eXIf", "pHYs", "tIME",
                                   "bKGD", "tEXt", "zTXt", "iTXt", "sBIT", "acTL", "vpAg", "caBX", "prVt"}) {
        const bool of_color = name == "iCCP" || name == "sRGB" || name == "gAMA" || name == "cHRM" || name == "cICP" ||
                              name == "mDCV" || name == "cLLI";
        PngSpec spec;
        spec.chunks = {{{name[0], name[1], name[2], name[3]}, {'p', 0, 0, 1, 2, 3}}};
        PngFile file = make_png(spec);
        for (const size_t at : {size_t{8}, size_t{14}}) {  // data, checksum
            Bytes damaged = file.bytes;
            damaged[find_png_chunk(damaged, name) + at] ^= 1;
            Image image;
            CAPTURE(name, at);
            REQUIRE(decode_image(damaged, image).error() == "");
            CHECK(same_picture(image, file.expected));
            CHECK(image.metadata.empty());
            CHECK(image.notes.size() == (of_color ? 1 : 0));
        }
    }
}

TEST_CASE("a PNG without its end, or with more behind it, is whole") {
    for (bool interlaced : {false, true}) {
        const PngFile file = make_png(spec_of({kRgba, 8, false}, 9, 11, interlaced));
        const size_t end = find_png_chunk(file.bytes, "IEND");
        for (size_t size = end; size < end + 12; size++) {
            Image image;
            CAPTURE(size - end);
            REQUIRE(decode_image(Bytes(file.bytes.begin(), file.bytes.begin() + static_cast<ptrdiff_t>(size)), image)
                        .error() == "");
            CHECK(same_picture(image, file.expected));
        }
        Bytes wrong = file.bytes;
        wrong.back() ^= 1;  // the end's own checksum
        Image image;
        REQUIRE(decode_image(wrong, image).error() == "");
        CHECK(same_picture(image, file.expected));
        Bytes longer = file.bytes;
        longer.insert(longer.end(), 1000, 0x5a);
        REQUIRE(decode_image(longer, image).error() == "");
        CHECK(same_picture(image, file.expected));
    }
}

TEST_CASE("an animation's first picture is taken, and said so") {
    PngSpec spec;
    spec.chunks = {{{'a', 'c', 'T', 'L'}, {0, 0, 0, 3, 0, 0, 0, 0}}};
    Image image;
    REQUIRE(decode_image(make_png(spec).bytes, image).error() == "");
    REQUIRE(image.notes.size() == 1);
    CHECK(image.notes[0].find("animation") != std::string::npos);
    spec.chunks[0].data[3] = 1;  // one picture
    REQUIRE(decode_image(make_png(spec).bytes, image).error() == "");
    CHECK(image.notes.empty());
}

TEST_CASE("more chunks than any picture has are read in no time, and not all kept") {
    PngSpec spec;
    spec.chunks.assign(100000, {{'t', 'E', 'X', 't'}, {'A', 0, 'b'}});
    Image image;
    REQUIRE(decode_image(make_png(spec).bytes, image).error() == "");
    CHECK(image.metadata.size() == 1000);
}

TEST_CASE("a text with a wrong checksum is left out, the picture is read") {
    PngSpec spec;
    spec.chunks = {{{'t', 'E', 'X', 't'}, {'A', 0, 'b'}}};
    PngFile file = make_png(spec);
    file.bytes[find_png_chunk(file.bytes, "tEXt") + 8] ^= 1;
    Image image;
    REQUIRE(decode_image(file.bytes, image).error() == "");
    CHECK(same_picture(image, file.expected));
    CHECK(image.metadata.empty());
}

TEST_CASE("a PNG that ends before its last pixel's checksum is an error") {
    for (bool interlaced : {false, true}) {
        const PngFile file = make_png(spec_of({kRgba, 8, false}, 9, 11, interlaced));
        for (size_t size = 0; size < find_png_chunk(file.bytes, "IEND"); size++) {
            Image image;
            const Bytes cut(file.bytes.begin(), file.bytes.begin() + static_cast<ptrdiff_t>(size));
            CAPTURE(size);
            CHECK(decode_image(cut, image).error() != "");
        }
    }
}

TEST_CASE("a PNG with a wrong byte is an error, or gives the same pixels") {
    for (const Type &type : {Type{kPalette, 4, true}, Type{kRgb, 16, false}}) {
        const PngFile file = make_png(spec_of(type, 9, 11, true));
        for (size_t at = 0; at < file.bytes.size(); at++) {
            for (int flip : {0x01, 0x20, 0x80, 0xff}) {
                Bytes damaged = file.bytes;
                damaged[at] = static_cast<uint8_t>(damaged[at] ^ flip);
                Image image;
                CAPTURE(at, flip);
                if (decode_image(damaged, image).error() == "")
                    CHECK(same_picture(image, file.expected));
            }
        }
    }
}

TEST_CASE("a PNG that claims to be huge is refused before memory is taken") {
    Bytes png = make_png({}).bytes;
    for (const auto &[width, height] :
         {std::pair{0x7fffffffu, 0x7fffffffu}, {1u << 20, 1u << 20}, {(1u << 20) + 1, 1u}}) {
        set_size(png, width, height);
        Image image;
        const std::string error = decode_image(png, image).error();
        CAPTURE(error);
        CHECK((error.find("too large") != std::string::npos || error.find("it needs about 3.0 TiB") == 0 ||
               error.find("it needs about 3072.0 GiB") == 0));
        CHECK(image.samples.empty());
    }
    set_size(png, 0, 4);
    Image image;
    CHECK(decode_image(png, image).error() != "");
}
