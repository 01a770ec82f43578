#include "cli/values.h"
#include "tests/catch.h"

using namespace slimscale::cli;

TEST_CASE("a width is channels or a share") {
    Width width;
    REQUIRE(parse_width("64", width).error() == "");
    CHECK(width.channels == 64);
    for (const char *share : {"1", "1.0", "0.25"}) {
        REQUIRE(parse_width(share, width).error() == "");
        CHECK(width.channels == 0);
        CHECK(width.fraction == Approx(std::stod(share)));
    }
    for (const char *wrong : {"", "x", "0", "-1", "1.5", "64ch", "1e3", "nan", "99999", ".", "1.2.3"}) {
        CAPTURE(wrong);
        CHECK(parse_width(wrong, width).error() != "");
    }
}

TEST_CASE("several widths are separated by commas") {
    std::vector<Width> widths;
    REQUIRE(parse_widths("16,0.5", widths).error() == "");
    REQUIRE(widths.size() == 2);
    CHECK(widths[0].channels == 16);
    CHECK(widths[1].fraction == 0.5);
    for (const char *wrong : {"", ",", "16,", ",16", "16,x", "16 64"}) {
        CAPTURE(wrong);
        CHECK(parse_widths(wrong, widths).error() != "");
    }
    CHECK(widths.size() == 2);
}

TEST_CASE("a speed is a rate or a time") {
    double budget_ms = -1;
    for (const auto &[text, ms] : {std::pair{"50fps", 20.0}, {"20ms", 20.0}, {"1.5s", 1500.0}, {"best", 0.0}}) {
        REQUIRE(parse_speed(text, budget_ms).error() == "");
        CHECK(budget_ms == Approx(ms));
    }
    for (const char *wrong : {"", "fast", "30", "0fps", "-5ms", "5 ms", "5min", "infms"}) {
        CAPTURE(wrong);
        CHECK(parse_speed(wrong, budget_ms).error() != "");
    }
}

TEST_CASE("a time has a unit") {
    double ms = -1;
    for (const auto &[text, expected] : {std::pair{"10s", 10000.0}, {"500ms", 500.0}, {"0.5s", 500.0}}) {
        REQUIRE(parse_time(text, ms).error() == "");
        CHECK(ms == Approx(expected));
    }
    for (const char *wrong : {"", "10", "0s", "-1s", "30fps", "best", "5min"}) {
        CAPTURE(wrong);
        CHECK(parse_time(wrong, ms).error().find("is no time") != std::string::npos);
    }
}

TEST_CASE("a size has units of 1024") {
    size_t bytes = 0;
    for (const auto &[text, value] : {std::pair{"1500", size_t{1500}},
                                      {"2K", size_t{2048}},
                                      {"1.5M", size_t{1572864}},
                                      {"1GiB", size_t{1} << 30}}) {
        REQUIRE(parse_bytes(text, bytes).error() == "");
        CHECK(bytes == value);
    }
    for (const char *wrong : {"", "M", "0", "5X", "5MX", "-5M", "99999999999G"}) {
        CAPTURE(wrong);
        CHECK(parse_bytes(wrong, bytes).error() != "");
    }
}

TEST_CASE("sizes of frames, ranges, sitings, matrices and formats have names") {
    slimscale::host::FrameSize size;
    REQUIRE(parse_size("640x360", size).ok());
    CHECK((size.width == 640 && size.height == 360));
    for (const char *wrong : {"", "x", "640", "640x", "x360", "640x360x2", "0x1", "-1x2", "640*360", "99999999x1"}) {
        CAPTURE(wrong);
        CHECK(parse_size(wrong, size).error() != "");
    }
    slimscale_range range{};
    CHECK((parse_range("full", range).ok() && range == SLIMSCALE_RANGE_FULL));
    CHECK(parse_range("tv", range).error() == "'tv' is no range: there are full, limited");
    slimscale_siting siting{};
    CHECK((parse_siting("topleft", siting).ok() && siting == SLIMSCALE_SITING_TOP_LEFT));
    slimscale_matrix matrix{};
    CHECK((parse_matrix("2020", matrix).ok() && matrix == SLIMSCALE_MATRIX_BT2020));
    std::string format;
    CHECK((parse_frame_format("yuv420p10le", format).ok() && format == "yuv420p10le"));
    CHECK(parse_frame_format("nv13", format).error().find("nv12, nv21") != std::string::npos);
}
