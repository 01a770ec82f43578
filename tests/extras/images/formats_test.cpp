#include "extras/images/image.h"
#include "tests/catch.h"

using namespace slimscale::images;

TEST_CASE("formats are known by name and by content") {
    CHECK(format_of_name("a/b.c/x.PNG") == FileFormat::png);
    CHECK(format_of_name("x.Jpeg") == FileFormat::jpeg);
    CHECK(format_of_name("x.jpg") == FileFormat::jpeg);
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
