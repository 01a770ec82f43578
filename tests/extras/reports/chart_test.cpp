#include "extras/reports/chart.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "tests/catch.h"

using namespace slimscale::reports;
using nlohmann::json;
using slimscale::base::Shown;

namespace {

const double kNan = std::nan("");

Series series(const std::string &name, std::vector<double> x, std::vector<double> y) {
    Series one;
    one.name = name;
    one.x = std::move(x);
    one.y = std::move(y);
    return one;
}

Chart curves(std::vector<Series> series) {
    Chart chart;
    chart.title = "Loss";
    chart.x.title = "step";
    chart.y.title = "loss";
    chart.series = std::move(series);
    return chart;
}

json read(const Chart &chart) {
    return json::parse(to_json(chart));
}

// The lines of the table of values, with cells joined by spaces.
std::vector<std::string> lines(const Chart &chart) {
    const slimscale::base::Table table = values_table(chart);
    std::vector<std::string> all(1);
    for (const slimscale::base::Column &column : table.columns)
        all[0] += (all[0].empty() ? "" : " ") + column.title;
    for (const std::vector<Shown> &row : shown(table)) {
        all.emplace_back();
        for (const Shown &cell : row)
            all.back() += (&cell == &row.front() ? "" : " ") + cell.text;
    }
    return all;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A chart as JSON") {
    Chart chart = curves({series("16", {0, 1, 2}, {4, 2.5, 1}), series("", {0, 1}, {3, 2})});
    chart.series[1].style = 0;
    chart.series[1].faint = true;
    chart.y.scale = Scale::log;
    chart.x.low = 0;
    chart.references = {{"bicubic", 33.6654}};
    CHECK(read(chart) == json::parse(R"({
        "title": "Loss", "curves": true,
        "x": {"title": "step", "log": false, "low": 0.0}, "y": {"title": "loss", "log": true},
        "series": [
            {"name": "16", "style": -1, "faint": false, "x": [0.0, 1.0, 2.0], "y": [4.0, 2.5, 1.0], "labels": []},
            {"name": "", "style": 0, "faint": true, "x": [0.0, 1.0], "y": [3.0, 2.0], "labels": []}],
        "references": [{"name": "bicubic", "y": 33.6654}]})"));
}

TEST_CASE("Points keep their order and their labels, one for each") {
    Chart chart = curves({series("net", {30, 10, kNan, 20}, {3, 1, 5, kNan})});
    chart.kind = Chart::Kind::scatter;
    chart.series[0].labels = {"64", "16", "none"};
    const json one = read(chart)["series"][0];
    CHECK(read(chart)["curves"] == false);
    CHECK(one["x"] == json({30.0, 10.0, 20.0}));
    CHECK(one["y"] == json({3.0, 1.0, nullptr}));
    CHECK(one["labels"] == json({"64", "16", ""}));
}

TEST_CASE("NaN, infinity and what has no place on a log axis are gaps") {
    Chart chart = curves({series("", {0, 1, 2, 3, 4}, {1, kNan, INFINITY, -1, 0})});
    CHECK(read(chart)["series"][0]["y"] == json({1.0, nullptr, nullptr, -1.0, 0.0}));
    chart.y.scale = Scale::log;
    chart.y.low = 0;
    chart.references = {{"none", kNan}, {"zero", 0}, {"one", 1}};
    CHECK(read(chart)["series"][0]["y"] == json({1.0, nullptr, nullptr, nullptr, nullptr}));
    CHECK_FALSE(read(chart)["y"].contains("low"));
    REQUIRE(read(chart)["references"].size() == 1);
    CHECK(read(chart)["references"][0]["name"] == "one");
    chart.x.scale = Scale::log;  // 0 has no place there
    CHECK(read(chart)["series"][0]["x"] == json({1.0, 2.0, 3.0, 4.0}));
}

TEST_CASE("A chart knows whether there is anything to draw") {
    CHECK_FALSE(has_points(curves({})));
    CHECK_FALSE(has_points(curves({series("a", {}, {}), series("b", {1, 2}, {kNan, kNan})})));
    CHECK(has_points(curves({series("a", {1}, {0})})));
    Chart chart = curves({series("a", {1}, {0})});
    chart.y.scale = Scale::log;
    CHECK_FALSE(has_points(chart));
}

TEST_CASE("No text of a chart ends the script that it stands in") {
    const std::string evil = "</script><script>alert('&\"')//<!--";
    Chart chart = curves({series(evil, {0}, {0})});
    chart.kind = Chart::Kind::scatter;
    chart.title = chart.x.title = chart.y.title = evil;
    chart.series[0].labels = {evil};
    chart.references = {{evil, 0}};
    const std::string text = to_json(chart);
    CHECK(text.find_first_of("<>&") == std::string::npos);
    CHECK(read(chart)["title"] == evil);
    CHECK(read(chart)["x"]["title"] == evil);
    CHECK(read(chart)["series"][0]["name"] == evil);
    CHECK(read(chart)["series"][0]["labels"][0] == evil);
    CHECK(read(chart)["references"][0]["name"] == evil);
    CHECK(read(curves({series("\xff", {0}, {0})}))["series"][0]["name"] == "\uFFFD");
}

TEST_CASE("A million points become a short text that still has the ends and the spike") {
    Series many;
    for (int i = 0; i < 1000000; i++) {
        many.x.push_back(i);
        many.y.push_back(i == 654321 ? 100 : std::sin(i * 0.7));
    }
    const Chart chart = curves({many});
    CHECK(to_json(chart).size() < 60000);
    const json kept = read(chart)["series"][0];
    CHECK(kept["x"].front() == 0);
    CHECK(kept["x"].back() == 999999);
    double highest = 0;
    for (size_t i = 0; i < kept["y"].size(); i++)
        if (kept["x"][i] == 654321)
            highest = kept["y"][i];
    CHECK(highest == 100);
}

TEST_CASE("Curves as a table: a column for each that is not faint, a dozen rows with the first and the last") {
    Series loss = series("loss", {}, {}), sparse = series("", {0, 1100}, {7, kNan}), faint = series("raw", {5}, {5});
    for (int i = 0; i <= 1100; i++) {
        loss.x.push_back(i);
        loss.y.push_back(i / 4.0);
    }
    faint.faint = true;
    const Lines found = lines(curves({loss, sparse, faint}));
    REQUIRE(found.size() == 1 + 12);
    CHECK(found[0] == "step loss loss");  // a nameless series has the axis' name
    CHECK(found[1] == "0 0 7");
    CHECK(found[2] == "100 25 ");
    CHECK(found[12] == "1,100 275 \u2013");
    CHECK(lines(curves({series("a", {3}, {1})})) == Lines{"step a", "3 1"});
    CHECK(lines(curves({})) == Lines{"step"});
}

TEST_CASE("Points as a table: a row each") {
    Chart chart = curves({series("net", {10, 20}, {1, kNan}), series("b", {5}, {2})});
    chart.kind = Chart::Kind::scatter;
    chart.series[0].labels = {"16"};
    CHECK(lines(chart) == Lines{"series point step loss", "net 16 10 1", "net  20 \u2013", "b  5 2"});
}
