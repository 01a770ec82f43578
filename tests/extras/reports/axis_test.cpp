#include "extras/reports/axis.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "catch.h"

using namespace slimscale::reports;

namespace {

std::string labels(Range range, Scale scale, int wanted) {
    std::string all;
    for (const Tick &tick : ticks(range, scale, wanted))
        all += (all.empty() ? "" : " ") + tick.label;
    return all;
}

const double kNan = std::nan("");

}  // namespace

TEST_CASE("Linear ticks are round, within the range, and labelled alike") {
    CHECK(labels({0, 10}, Scale::linear, 5) == "0 2 4 6 8 10");
    CHECK(labels({33.2, 37.9}, Scale::linear, 5) == "34 35 36 37");
    CHECK(labels({0, 0.3}, Scale::linear, 3) == "0.0 0.1 0.2 0.3");
    CHECK(labels({0, 187500}, Scale::linear, 4) == "0 50k 100k 150k");
    CHECK(labels({0, 10000}, Scale::linear, 2) == "0 5k 10k");
    CHECK(labels({0, 1e-4}, Scale::linear, 5) == "0 2e-5 4e-5 6e-5 8e-5 1e-4");
    CHECK(labels({-1.2, 1.2}, Scale::linear, 5) == "-1.0 -0.5 0.0 0.5 1.0");
    CHECK(labels({100000.25, 100000.5}, Scale::linear, 3) == "100000.3 100000.4 100000.5");
}

TEST_CASE("Log ticks: decades, 1-2-5 between few of them, linear within less than one") {
    CHECK(labels({1e-6, 1}, Scale::log, 3) == "1e-6 1e-4 0.01 1");
    CHECK(labels({0.01, 100}, Scale::log, 5) == "0.01 0.1 1 10 100");
    CHECK(labels({0.08, 2.3}, Scale::log, 5) == "0.1 0.2 0.5 1 2");
    CHECK(labels({2.1, 2.9}, Scale::log, 4) == "2.2 2.4 2.6 2.8");
}

TEST_CASE("Ticks in any range: ascending, within it, labels distinct, neither none nor too many") {
    const std::vector<double> sizes = {1e-140, 1e-9, 3e-4, 0.017, 0.9, 1, 7, 64, 333, 2e4, 7.5e6, 1e12, 1e140};
    for (const double low : sizes) {
        for (const double high : sizes) {
            if (low >= high)
                continue;
            for (const Scale scale : {Scale::linear, Scale::log}) {
                for (const int wanted : {2, 5, 10}) {
                    CAPTURE(low, high, static_cast<int>(scale), wanted);
                    const std::vector<Tick> found = ticks({low, high}, scale, wanted);
                    CHECK(found.size() >= 2);
                    CHECK(found.size() <= static_cast<size_t>(2 * wanted + 2));
                    std::set<std::string> distinct;
                    for (size_t i = 0; i < found.size(); i++) {
                        distinct.insert(found[i].label);
                        CHECK(place(found[i].value, {low, high}, scale) >= -1e-8);
                        CHECK(place(found[i].value, {low, high}, scale) <= 1 + 1e-8);
                        CHECK((i == 0 || found[i].value > found[i - 1].value));
                    }
                    CHECK(distinct.size() == found.size());
                }
            }
        }
    }
}

TEST_CASE("A range ignores what has no place, and is never empty") {
    const auto is = [](Range range, double low, double high) {
        return range.low == Approx(low) && range.high == Approx(high);
    };
    CHECK(is(range_of({3, kNan, -1, INFINITY}, Scale::linear), -1, 3));
    CHECK(is(range_of({3, 0, -1, 0.5}, Scale::log), 0.5, 3));
    CHECK(is(range_of({}, Scale::linear), 0, 1));
    CHECK(is(range_of({kNan}, Scale::linear), 0, 1));
    CHECK(is(range_of({-1, 0}, Scale::log), 1, 10));
    CHECK(is(range_of({5}, Scale::linear), 4.5, 5.5));
    CHECK(is(range_of({0, 0}, Scale::linear), -1, 1));
    CHECK(is(range_of({4}, Scale::log), 2, 8));
    CHECK(is(padded({0, 10}, Scale::linear, 0.1), -1, 11));
    CHECK(is(padded({1, 100}, Scale::log, 0.5), 0.1, 1000));
    const Range huge = padded(range_of({-1.7e308, 1.7e308}, Scale::linear), Scale::linear, 0.1);
    CHECK(std::isfinite(huge.high - huge.low));
}

TEST_CASE("Places on an axis") {
    CHECK(place(5, {0, 10}, Scale::linear) == Approx(0.5));
    CHECK(place(10, {1, 100}, Scale::log) == Approx(0.5));
    CHECK(place(20, {0, 10}, Scale::linear) == Approx(2));
    CHECK(std::isnan(place(0, {1, 10}, Scale::log)));
    CHECK(std::isnan(place(kNan, {0, 1}, Scale::linear)));
    CHECK(std::isnan(place(INFINITY, {0, 1}, Scale::linear)));
}
