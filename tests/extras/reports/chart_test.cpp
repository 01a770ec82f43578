#include "extras/reports/chart.h"

#include <cmath>
#include <set>
#include <sstream>

#include "catch.h"
#include "extras/reports/style.h"
#include "markup.h"

using namespace slimscale::reports;

namespace {

const double kNan = std::nan("");

Chart curves(std::vector<Series> series) {
    Chart chart;
    chart.title = "Loss";
    chart.x.title = "step";
    chart.y.title = "loss";
    chart.series = std::move(series);
    return chart;
}

Series series(const std::string &name, std::vector<double> x, std::vector<double> y) {
    Series one;
    one.name = name;
    one.x = std::move(x);
    one.y = std::move(y);
    return one;
}

Markup drawn(const Chart &chart) {
    Markup markup = read_markup(svg(chart));
    REQUIRE(markup.error == "");
    return markup;
}

// The drawn lines' path data, in the order of the series; the legend's samples come before them.
std::vector<std::string> lines(const Chart &chart) {
    Chart without_legend = chart;
    for (Series &one : without_legend.series)
        one.name.clear();
    std::vector<std::string> found;
    for (const Tag &tag : drawn(without_legend).of_class("line"))
        found.push_back(tag.attributes.at("d"));
    return found;
}

std::vector<std::string> texts(const Markup &markup, const std::string &kind) {
    return texts(markup.of_class(kind));
}

// y of the first horizontal stroke, "M12 34L..." -> 34.
double stroke_y(const Tag &tag) {
    std::istringstream path(tag.attributes.at("d").substr(1));
    double x = 0, y = 0;
    path >> x >> y;
    return y;
}

}  // namespace

TEST_CASE("A chart says what it is, escaped") {
    Chart chart = curves({series("a<b", {0, 1}, {1, 2}), series("c", {0, 1}, {2, 3})});
    chart.title = "Loss & \"more\"";
    chart.description = "<total>";
    const Markup markup = drawn(chart);
    CHECK(markup.tags[0].name == "svg");
    CHECK(markup.tags[0].attributes.at("role") == "img");
    CHECK(markup.tags[1].name == "title");
    CHECK(markup.tags[1].text == "Loss &amp; &quot;more&quot;");
    CHECK(markup.named("desc").at(0).text == "&lt;total&gt;");
    CHECK(texts(markup, "name") == std::vector<std::string>{"a&lt;b", "c"});
}

TEST_CASE("Points lie where the axes say") {
    Chart chart = curves({series("", {0, 50, 100}, {0, 5, 10})});
    chart.y.low = 0;
    chart.y.high = 10;
    const std::vector<std::string> found = lines(chart);
    REQUIRE(found.size() == 1);
    std::istringstream path(found[0].substr(1));
    double x0, y0, x1, y1, x2, y2;
    char letter;
    path >> x0 >> y0 >> letter >> x1 >> y1 >> letter >> x2 >> y2;
    REQUIRE(path);
    CHECK(x1 == Approx((x0 + x2) / 2).margin(0.1));
    CHECK(y1 == Approx((y0 + y2) / 2).margin(0.1));
    CHECK(x0 < x2);
    CHECK(y0 > y2);
    CHECK(x2 <= ChartSize().width);
}

TEST_CASE("On a log axis, equal ratios are equal distances") {
    Chart chart = curves({series("", {0, 1, 2}, {0.01, 1, 100})});
    chart.y.scale = Scale::log;
    std::istringstream path(lines(chart).at(0).substr(1));
    double x, y0, y1, y2;
    char letter;
    path >> x >> y0 >> letter >> x >> y1 >> letter >> x >> y2;
    REQUIRE(path);
    CHECK(y1 == Approx((y0 + y2) / 2).margin(0.1));
}

TEST_CASE("NaN, infinity and what has no place on a log axis are gaps; a lone point is a dot") {
    Chart chart = curves({series("", {0, 1, 2, 3, 4, 5, 6, 7}, {1, 2, kNan, 3, INFINITY, 4, 5, -1})});
    CHECK(occurrences(lines(chart).at(0), "M") == 3);
    CHECK(occurrences(lines(chart).at(0), "h0") == 1);
    chart.y.scale = Scale::log;
    CHECK(occurrences(lines(chart).at(0), "L") == 2);  // -1 is left out as well
    CHECK(occurrences(svg(chart), "nan") == 0);
    CHECK(occurrences(svg(chart), "inf") == 0);
}

TEST_CASE("Nothing to draw: the chart says so") {
    const Series none = series("a", {}, {}), gaps = series("a", {1, 2}, {kNan, kNan});
    for (const Chart &chart : {curves({}), curves({none}), curves({gaps})}) {
        const Markup markup = drawn(chart);
        CHECK(texts(markup, "empty") == std::vector<std::string>{"no values yet"});
        CHECK(markup.of_class("tick").empty());
        CHECK(markup.of_class("probe").empty());
    }
    CHECK(texts(drawn(curves({series("a", {1}, {1})})), "empty").empty());
}

TEST_CASE("Every style has a class of its own in the style sheet, with a colour for light and dark, and a marker") {
    const std::string sheet = kStyleSheet;
    std::set<std::string> markers;
    for (int i = 0; i < kSeriesStyles; i++) {
        const std::string name = "s" + std::to_string(i);
        CHECK(occurrences(sheet, "--" + name + ": #") == 2);
        CHECK(occurrences(sheet, "." + name + " {") == 1);
        CHECK(occurrences(sheet, "." + name + " .line { stroke-dasharray") == (i == 0 ? 0 : 1));
        Chart chart = curves({series("a", {0}, {0}), series("b", {0}, {0})});
        chart.series[0].style = i;
        chart.series[1].style = i + kSeriesStyles;  // begins anew
        const std::vector<Tag> marks = drawn(chart).of_class("mark");
        REQUIRE(marks.size() >= 2);
        CHECK(drawn(chart).of_class(name).size() >= 4);
        // The marker relative to the plot: all stand at the same place.
        markers.insert(marks.back().attributes.at("d"));
    }
    CHECK(markers.size() == static_cast<size_t>(kSeriesStyles));
}

TEST_CASE("A legend tells series apart, and only where there are several") {
    CHECK(drawn(curves({series("a", {0, 1}, {0, 1})})).of_class("name").empty());
    Chart chart = curves({series("a", {0, 1}, {0, 1}), series("b", {0, 1}, {1, 2}), series("", {0, 1}, {2, 3})});
    CHECK(texts(drawn(chart), "name") == std::vector<std::string>{"a", "b"});

    // Long ones wrap; the plot begins below all of them.
    Chart wrapped = curves({});
    for (int i = 0; i < 6; i++)
        wrapped.series.push_back(series("a rather long name of series " + std::to_string(i), {0, 1}, {0, 1}));
    const Markup markup = drawn(wrapped);
    double lowest = 0;
    for (const Tag &name : markup.of_class("name"))
        lowest = std::max(lowest, std::stod(name.attributes.at("y")));
    CHECK(lowest > 40);
    CHECK(std::stod(markup.named("svg").at(1).attributes.at("y")) > lowest);
}

TEST_CASE("Reference lines are drawn and named, and belong to the range") {
    Chart chart = curves({series("", {0, 1}, {36, 37})});
    chart.y.title = "";
    chart.references = {{"bicubic", 33.6654}};
    const Markup markup = drawn(chart);
    CHECK(texts(markup, "note") == std::vector<std::string>{"bicubic 33.67"});
    const Tag plot = markup.named("svg").at(1);
    const double top = std::stod(plot.attributes.at("y"));
    const double bottom = top + std::stod(plot.attributes.at("height"));
    const double y = stroke_y(markup.of_class("reference").at(0));
    CHECK(y > (top + bottom) / 2);
    CHECK(y < bottom);

    chart.y.low = 35;  // outside what was asked for
    CHECK(drawn(chart).of_class("reference").empty());
    chart.references = {{"none", kNan}};
    CHECK(drawn(chart).of_class("reference").empty());
}

TEST_CASE("Hovering a strip of the plot tells the values of all series there") {
    Chart chart = curves({series("16", {0, 1000}, {1, 2}), series("64", {0, 1000}, {3, 4.5})});
    const Markup markup = drawn(chart);
    const std::vector<Tag> titles = markup.named("title");
    REQUIRE(titles.size() == 3);
    CHECK(titles[1].text == "step 0\n16: 1\n64: 3");
    CHECK(titles[2].text == "step 1,000\n16: 2\n64: 4.5");
    // The strips cover the plot without a gap.
    const std::vector<Tag> strips = markup.named("rect");
    REQUIRE(strips.size() == 2);
    CHECK(std::stod(strips[0].attributes.at("x")) + std::stod(strips[0].attributes.at("width")) ==
          Approx(std::stod(strips[1].attributes.at("x"))).margin(0.2));

    chart.series[1].faint = true;
    CHECK(drawn(chart).named("title")[1].text == "step 0\n16: 1");
}

TEST_CASE("A million points become a small drawing that still shows the spike") {
    Series many;
    for (int i = 0; i < 1000000; i++) {
        many.x.push_back(i);
        many.y.push_back(i == 654321 ? 100 : std::sin(i * 0.7));
    }
    const Chart chart = curves({many});
    const std::string text = svg(chart);
    CHECK(text.size() < 60000);
    double highest = 1e9;
    std::istringstream path(lines(chart).at(0).substr(1));
    double x, y;
    char letter;
    while (path >> x >> y) {
        highest = std::min(highest, y);
        path >> letter;
    }
    const Tag plot = read_markup(text).named("svg").at(1);
    CHECK(highest < std::stod(plot.attributes.at("y")) + 0.1 * std::stod(plot.attributes.at("height")));
}

TEST_CASE("Scatter: every point has a title, labels stand beside points and not over each other") {
    Chart chart = curves({series("slimscale", {10, 100, 101}, {30, 35, 35.01}), series("ncnn", {20, kNan}, {30, 31})});
    chart.kind = Chart::Kind::scatter;
    chart.x = {"ms", Scale::log};
    chart.series[0].labels = {"16", "32", "64"};
    const Markup markup = drawn(chart);
    CHECK(markup.of_class("point").size() == 4);
    CHECK(markup.named("title").at(1).text == "slimscale, 16\nms 10\nloss 30");
    CHECK(markup.named("title").at(4).text == "ncnn\nms 20\nloss 30");
    const std::vector<Tag> labels = markup.of_class("note");
    REQUIRE(labels.size() == 3);
    const auto at = [&](size_t i, const char *name) { return std::stod(labels[i].attributes.at(name)); };
    CHECK(std::abs(at(1, "y") - at(2, "y")) + std::abs(at(1, "x") - at(2, "x")) > 10);
}

TEST_CASE("Ranges that were asked for hold unless they are impossible") {
    Chart chart = curves({series("", {0, 1}, {10, 20})});
    chart.y.low = 0;
    CHECK(texts(drawn(chart), "end").at(0) == "0");
    chart.y.low = 30;  // above the data's high end
    CHECK(texts(drawn(chart), "end").at(0) == "10");
    chart.y.scale = Scale::log;
    chart.y.low = 0;  // has no place there
    CHECK(texts(drawn(chart), "end").at(0) == "10");
}

TEST_CASE("Extreme numbers stay finite in the drawing") {
    const std::string text = svg(curves({series("", {-1.7e308, 0, 1.7e308}, {-1.7e308, 5e-324, 1.7e308})}));
    CHECK(read_markup(text).error == "");
    CHECK(occurrences(text, "nan") == 0);
    CHECK(occurrences(text, "inf") == 0);
}
