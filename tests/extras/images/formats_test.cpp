#include <algorithm>

#include "extras/images/channels.h"
#include "extras/images/image.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

TEST_CASE("formats are known by name and by content") {
    CHECK(format_of_name("a/b.c/x.PNG") == FileFormat::png);
    CHECK(format_of_name("x.Jpeg") == FileFormat::jpeg);
    CHECK(format_of_name("x.jpg") == FileFormat::jpeg);
    for (const char *jpeg : {"x.jpe", "x.JFIF", "x.jif"})
        CHECK(format_of_name(jpeg) == FileFormat::jpeg);
    for (const char *other : {"png", "a.png/x", "x.gif", "", "x.", "x.png~"})
        CHECK(format_of_name(other) == FileFormat::unknown);
    CHECK(format_of_content({}) == FileFormat::unknown);
    CHECK(format_of_content({0xff, 0xd8, 0xff}) == FileFormat::jpeg);
    CHECK(check_format(FileFormat::jpeg, 65501, 1, false).error() != "");
    CHECK(check_format(FileFormat::png, 65501, 1, true).error() == "");
    CHECK(check_size(kMaxSide, kMaxSide).error() == "");
    CHECK(check_size(kMaxSide + 1, 1).error() != "");
    CHECK(check_size(0, 1).error() != "");
    CHECK(check_size(UINT64_MAX, UINT64_MAX).error() != "");
}

TEST_CASE("colors that only a PNG can describe are spoken of when a JPEG is written") {
    const Bytes srgb_gamma = {0, 0, 0xb1, 0x8f}, linear = {0, 1, 0x86, 0xa0};
    Bytes srgb_primaries, p3_primaries;
    for (const uint32_t value : {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000})
        for (int shift = 24; shift >= 0; shift -= 8)
            srgb_primaries.push_back(static_cast<uint8_t>(value >> shift));
    p3_primaries = srgb_primaries;
    p3_primaries[10] = 0x09;  // red at 0.680
    p3_primaries[11] = 0xa0;
    const std::vector<std::pair<std::vector<std::pair<const char *, Bytes>>, const char *>> cases = {
        {{}, ""},
        {{{"sRGB", {0}}}, ""},
        {{{"gAMA", srgb_gamma}}, ""},
        {{{"gAMA", srgb_gamma}, {"cHRM", srgb_primaries}}, ""},
        {{{"gAMA", linear}}, "gAMA"},
        {{{"cHRM", p3_primaries}}, "cHRM"},
        {{{"gAMA", srgb_gamma}, {"cHRM", p3_primaries}}, "cHRM"},
        {{{"gAMA", linear}, {"sRGB", {0}}}, ""},          // sRGB comes before gAMA
        {{{"gAMA", linear}, {"iCCP", {'p', 0, 0}}}, ""},  // so does a profile, which JPEG has
        {{{"cICP", {1, 13, 0, 1}}}, ""},                  // sRGB
        {{{"cICP", {12, 13, 0, 1}}}, "cICP"},             // Display P3
        {{{"cICP", {9, 16, 0, 1}}, {"iCCP", {'p', 0, 0}}}, "cICP"},
        {{{"cICP", {9, 18, 0, 1}}, {"sRGB", {0}}}, "cICP"},
    };
    for (const auto &[chunks, expected] : cases) {
        Image image{1, 1, 3, 8, {1, 2, 3}, {}};
        for (const auto &[name, data] : chunks)
            add_chunk(image.metadata, name, data);
        CAPTURE(expected);
        CHECK(lost_in(FileFormat::png, image).empty());
        const std::vector<std::string> lost = lost_in(FileFormat::jpeg, image);
        REQUIRE(lost.size() == (*expected ? 1 : 0));
        if (*expected)
            CHECK(lost[0].find(expected) != std::string::npos);
    }
}

TEST_CASE("memory is the limit of an image's size, and is asked for beforehand") {
    CHECK(check_memory(1, "it").error() == "");
    const std::string error = check_memory(uint64_t{1} << 60, "the image").error();
    CHECK(error.find("the image needs about ") == 0);
    CHECK(error.find(" are free") != std::string::npos);
}

TEST_CASE("edges are replicated and cut off again") {
    for (const int channels : {1, 3, 4})
        for (const int bits : {8, 16})
            for (const auto &[width, height] : {std::pair{1, 1}, {5, 1}, {1, 4}, {6, 5}}) {
                CAPTURE(channels, bits, width, height);
                const Image image = noise_image(width, height, channels, bits);
                const Image wide = with_replicated_edges(image, 3);
                CHECK(wide.width == width + 6);
                CHECK(wide.height == height + 6);
                const size_t pixel = static_cast<size_t>(channels) * (bits / 8);
                for (int y = 0; y < wide.height; y++)
                    for (int x = 0; x < wide.width; x++) {
                        const int u = std::clamp(x - 3, 0, width - 1), v = std::clamp(y - 3, 0, height - 1);
                        CHECK(
                            std::equal(wide.samples.begin() + static_cast<ptrdiff_t>((y * wide.width + x) * pixel),
                                       wide.samples.begin() + static_cast<ptrdiff_t>((y * wide.width + x + 1) * pixel),
                                       image.samples.begin() + static_cast<ptrdiff_t>((v * width + u) * pixel)));
                    }
                CHECK(without_edges(wide, 3).samples == image.samples);
            }
}
