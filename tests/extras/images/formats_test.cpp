#include "extras/images/image.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"

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
    CHECK(check_size(1 << 14, 1 << 14).error() == "");
    CHECK(check_size((1 << 14) + 1, 1 << 14).error() != "");
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
        {{{"gAMA", linear}, {"iCCP", {'p', 0, 0}}}, ""},  // and a profile too, which JPEG holds
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
