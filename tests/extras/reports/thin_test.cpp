#include "extras/reports/thin.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/catch.h"

using namespace slimscale::reports;

namespace {

struct Points {
    std::vector<double> x, y;
};

Points noise(size_t count) {
    std::mt19937 generator(3);
    std::normal_distribution<double> normal;
    Points points;
    for (size_t i = 0; i < count; i++) {
        points.x.push_back(static_cast<double>(i));
        points.y.push_back(normal(generator));
    }
    return points;
}

}  // namespace

TEST_CASE("Few points are all kept") {
    const Points points = noise(50);
    CHECK(thinned(points.x, points.y, 10).size() == 50);
    CHECK(thinned({}, {}, 10).empty());
}

TEST_CASE("Thinning keeps the ends and, in every column, both extremes") {
    const size_t columns = 100;
    Points points = noise(20000);
    points.y[7777] = 1e6;
    points.y[12345] = -1e6;
    const std::vector<size_t> kept = thinned(points.x, points.y, columns);
    CHECK(kept.size() <= 5 * columns);
    CHECK(std::is_sorted(kept.begin(), kept.end()));
    CHECK(kept.front() == 0);
    CHECK(kept.back() == 19999);
    CHECK(std::count(kept.begin(), kept.end(), 7777) == 1);
    CHECK(std::count(kept.begin(), kept.end(), 12345) == 1);

    // Plain loops: x runs from 0 to 19999, so a column is 199.99 wide.
    std::vector<double> lowest(columns, INFINITY), highest(columns, -INFINITY);
    const auto column = [&](size_t i) { return std::min(columns - 1, static_cast<size_t>(points.x[i] / 199.99)); };
    for (size_t i = 0; i < points.y.size(); i++) {
        lowest[column(i)] = std::min(lowest[column(i)], points.y[i]);
        highest[column(i)] = std::max(highest[column(i)], points.y[i]);
    }
    std::vector<double> kept_lowest(columns, INFINITY), kept_highest(columns, -INFINITY);
    for (const size_t i : kept) {
        kept_lowest[column(i)] = std::min(kept_lowest[column(i)], points.y[i]);
        kept_highest[column(i)] = std::max(kept_highest[column(i)], points.y[i]);
    }
    CHECK(kept_lowest == lowest);
    CHECK(kept_highest == highest);
}

TEST_CASE("A gap stays a gap, and gaps do not defeat thinning") {
    Points points = noise(10000);
    for (size_t i = 4000; i < 5000; i++)
        points.y[i] = std::nan("");
    const std::vector<size_t> kept = thinned(points.x, points.y, 100);
    CHECK(std::any_of(kept.begin(), kept.end(), [](size_t i) { return i >= 4000 && i < 5000; }));
    CHECK(std::count(kept.begin(), kept.end(), 3999) == 1);
    CHECK(std::count(kept.begin(), kept.end(), 5000) == 1);

    for (size_t i = 0; i < points.y.size(); i += 2)
        points.y[i] = INFINITY;
    CHECK(thinned(points.x, points.y, 100).size() <= 500);
}

TEST_CASE("All points at one place, at no place, or in no order") {
    const std::vector<double> same(1000, 4);
    std::vector<double> rising(1000);
    std::iota(rising.begin(), rising.end(), 0.0);
    const std::vector<size_t> kept = thinned(same, rising, 10);
    CHECK(kept == std::vector<size_t>{0, 999});
    CHECK_FALSE(thinned(std::vector<double>(1000, std::nan("")), rising, 10).empty());
    std::vector<double> falling(rising.rbegin(), rising.rend());
    CHECK_FALSE(thinned(falling, rising, 10).empty());
}
