#include "base/numbers.h"

#include <cmath>

#include "tests/catch.h"

using namespace slimscale::base;

TEST_CASE("Numbers as people read them") {
    CHECK(decimal(37.7149, 2) == "37.71");
    CHECK(decimal(std::nan(""), 2) == kNoValue);
    CHECK(decimal(INFINITY, 2) == kNoValue);
    CHECK(readable(12400) == "12,400");
    CHECK(readable(1234567) == "1,234,567");
    CHECK(readable(-12400) == "-12,400");
    CHECK(readable(37.71234) == "37.712");
    CHECK(readable(0.0123456) == "0.012346");
    CHECK(readable(0.000025) == "2.5e-5");
    CHECK(readable(0) == "0");
    CHECK(readable(33.6654, 4) == "33.67");
    CHECK(readable(std::nan("")) == "nan");
    CHECK(compact(0) == "0");
    CHECK(compact(250000) == "250k");
    CHECK(compact(1500000) == "1.5M");
    CHECK(compact(-2000) == "-2k");
    CHECK(compact(0.002) == "0.002");
    CHECK(compact(1e-4) == "1e-4");
    CHECK(compact(1e-12) == "1e-12");
    CHECK(percent(0.256) == "26 %");
    CHECK(percent(1.5, 1) == "150.0 %");
    CHECK(percent(std::nan("")) == kNoValue);
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(300000) == "300,000");
    CHECK(grouped(-1234) == "-1,234");
}

TEST_CASE("Durations") {
    CHECK(duration(2.34) == "2.3 s");
    CHECK(duration(42) == "42 s");
    CHECK(duration(60) == "1 min");
    CHECK(duration(61) == "1 min 1 s");
    CHECK(duration(3600) == "1 h");
    CHECK(duration(11437.5) == "3 h 11 min");
    CHECK(duration(86400 * 2 + 3600 * 5) == "2 d 5 h");
    CHECK(duration(std::nan("")) == kNoValue);
    CHECK(duration(-1) == kNoValue);
}

TEST_CASE("Clocks count whole seconds") {
    CHECK(clock(0) == "0:00");
    CHECK(clock(65.9) == "1:05");
    CHECK(clock(3600 + 5 * 60 + 9) == "1:05:09");
    CHECK(clock(-5) == "0:00");
}

TEST_CASE("Rounding keeps as many digits as were asked for") {
    CHECK(shortest(rounded(0.1234567, 4)) == "0.1235");
    CHECK(shortest(rounded(-123456789, 3)) == "-1.23e+08");
    CHECK(rounded(0, 3) == 0);
    CHECK(std::isinf(rounded(INFINITY, 3)));
    CHECK(std::isnan(rounded(std::nan(""), 3)));
}

TEST_CASE("All of a text must be the number") {
    double number = 0;
    int64_t whole = 0;
    CHECK((parse("2.5e-3", &number) && number == 2.5e-3));
    CHECK((parse("nan", &number) && std::isnan(number)));
    CHECK((parse("-12", &whole) && whole == -12));
    for (const char *text : {"", " 1", "1 ", "1x", "1,5", "+1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse(text, &number));
        CHECK_FALSE(parse(text, &whole));
    }
    CHECK_FALSE(parse("1.5", &whole));
    CHECK_FALSE(parse("99999999999999999999", &whole));
}
