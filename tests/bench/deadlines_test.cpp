// The chart of bench_deadlines.
#include "bench/deadlines/chart.h"

#include <string>

#include "tests/catch.h"

using namespace slimscale::bench;

namespace {

int count(const std::string &text, const std::string &part) {
    int found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        found++;
    return found;
}

}  // namespace

TEST_CASE("a chart of deadlines has a dot per frame, a colour per channel count, and text that is text") {
    DeadlineChart chart{20, 1, 2, 4, "a < b & c", {}};
    chart.panels.push_back({"fixed", {{0, 10, 64}, {1, 30, 64}, {3, 1000, 64}}});
    chart.panels.push_back({"by <speed>", {{0, 10, 64}, {1, 12, 16}}});
    const std::string svg = svg_of(chart);
    CHECK(svg.substr(0, 4) == "<svg");
    CHECK(count(svg, "r=\"1.8\"") == 5);
    CHECK(count(svg, ">16 channels<") == 2);  // a legend beside each panel
    CHECK(count(svg, ">64 channels<") == 2);
    CHECK(count(svg, "a &lt; b &amp; c") == 1);
    CHECK(count(svg, "by &lt;speed&gt;") == 1);
    CHECK(count(svg, "<speed>") == 0);
    CHECK(svg.find("cy=\"30.0\"") != std::string::npos);  // slower frames than the panel shows lie on its edge
}
