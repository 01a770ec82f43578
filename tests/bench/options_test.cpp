#include "bench/widths/options.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/catch.h"

using namespace slimscale::bench;

namespace {

std::string texts(const std::vector<Size> &sizes) {
    std::string text;
    for (const Size &size : sizes)
        text += text_of(size) + " ";
    return text;
}

Parsed parse(std::vector<std::string> arguments, Options &options) {
    arguments.insert(arguments.begin(), "bench_widths");
    std::vector<char *> argv(arguments.size());
    std::transform(arguments.begin(), arguments.end(), argv.begin(), [](auto &argument) { return argument.data(); });
    return parse_options(static_cast<int>(argv.size()), argv.data(), options);
}

}  // namespace

TEST_CASE("Sizes have names or sides") {
    std::vector<Size> sizes;
    CHECK(parse_sizes("240p,360p,540p,720p,1080p", sizes).error() == "");
    CHECK(texts(sizes) == "426x240 640x360 960x540 1280x720 1920x1080 ");
    CHECK(parse_sizes("1x65536", sizes).error() == "");
    CHECK(texts(sizes) == "1x65536 ");
}

TEST_CASE("What is no size is refused, and the sizes stay") {
    for (const char *text : {"", ",", "240", "240P", "0x8", "8x0", "-8x8", "8x8x8", "8x8 ", "65537x8", "240p,a"}) {
        CAPTURE(text);
        std::vector<Size> sizes{{7, 5}};
        CHECK(parse_sizes(text, sizes).error() != "");
        CHECK(texts(sizes) == "7x5 ");
    }
}

TEST_CASE("Names are apart by commas") {
    CHECK(parse_names("") == std::vector<std::string>{});
    CHECK(parse_names("cuda") == std::vector<std::string>{"cuda"});
    CHECK(parse_names(",cuda,,avx2,") == std::vector<std::string>{"cuda", "avx2"});
}

TEST_CASE("A command line is read") {
    Options options;
    REQUIRE(parse({"--sizes", "8x4", "--targets", "cuda,avx2", "--threads", "3", "--pin", "--model", "a", "--model",
                   "b", "--format", "nv12"},
                  options) == Parsed::run);
    CHECK(texts(options.sizes) == "8x4 ");
    CHECK(options.targets == std::vector<std::string>{"cuda", "avx2"});
    CHECK(options.models == std::vector<std::string>{"a", "b"});
    CHECK(options.threads == 3);
    CHECK(options.pin);
    CHECK(options.format == "nv12");
    CHECK(options.rounds == 5);
}

TEST_CASE("A wrong command line is refused") {
    const std::vector<std::vector<std::string>> wrong{{"--sizes", "big"},
                                                      {"--threads", "0"},
                                                      {"--rounds", "0"},
                                                      {"--seconds", "-1"},
                                                      {"--compare", "/no/such/file"},
                                                      {"--images", "/no/such/folder"},
                                                      {"--unknown"}};
    for (const std::vector<std::string> &arguments : wrong) {
        CAPTURE(arguments.front());
        Options options;
        CHECK(parse(arguments, options) == Parsed::wrong);
    }
}
