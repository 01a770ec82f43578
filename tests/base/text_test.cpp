#include "base/text.h"

#include "tests/catch.h"

using namespace slimscale::base;

TEST_CASE("sizes as text") {
    CHECK(size_text(640, 360) == "640x360");
    CHECK(bytes_text(1000) == "1000 bytes");
    CHECK(bytes_text(3 << 20) == "3.0 MiB");
    CHECK(bytes_text(uint64_t{5} << 40) == "5120.0 GiB");
    CHECK(file_size_text(23100) == "23.1 KB");
    CHECK(file_size_text(1250000) == "1.25 MB");
}

TEST_CASE("lists as text") {
    CHECK(joined(std::vector<int>{}) == "");
    CHECK(joined(std::vector<int>{16}) == "16");
    CHECK(joined(std::vector<int>{16, 32}) == "16, 32");
    CHECK(joined(std::vector<std::string>{"a", "", "c"}, ";") == "a;;c");
}

TEST_CASE("text of others cannot steer a terminal") {
    CHECK(one_line("a\nb\x1b[2J\x7f") == "a?b?[2J?");
    CHECK(in_quotes("a\tb") == "\"a?b\"");
    CHECK(in_quotes(std::string(101, 'x')) == "\"" + std::string(100, 'x') + "...\"");
    CHECK(in_quotes(std::string(100, 'x')) == "\"" + std::string(100, 'x') + "\"");
}

TEST_CASE("names") {
    CHECK(is_name("edsr_small_x2"));
    CHECK(is_name(std::string(47, 'a')));
    for (const std::string &text : {std::string(), std::string(48, 'a'), std::string("A"), std::string("a b"),
                                    std::string("a\0", 2), std::string("\xc3\xa4")})
        CHECK_FALSE(is_name(text));
}
