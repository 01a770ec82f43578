// A page in a browser, if one is installed: charts.js runs without an error, and fast enough.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "extras/reports/page.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale::reports;

namespace {

std::string read(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Chart many_points(Chart::Kind kind, Scale scale) {
    Chart chart;
    chart.title = "Many";
    chart.kind = kind;
    chart.y.scale = scale;
    chart.references = {{"middle", 1.5}};
    for (const char *name : {"a </script>", "b"}) {
        Series &series = chart.series.emplace_back();
        series.name = name;
        for (int i = 0; i < 100000; i++) {
            series.x.push_back(i);
            series.y.push_back(i % 1000 == 7 ? std::nan("") : 1.5 + std::sin(i * 0.7));
            series.labels.push_back(std::to_string(i));
        }
    }
    return chart;
}

}  // namespace

TEST_CASE("Charts of 100,000 points are drawn within seconds, and no script fails") {
    if (std::system("command -v chromium >/dev/null 2>&1") != 0) {
        std::printf("[SKIP] there is no chromium here\n");
        return;
    }
    const slimscale::Scratch scratch;
    Page page("Many points");
    page.charts({many_points(Chart::Kind::curves, Scale::linear), many_points(Chart::Kind::curves, Scale::log)});
    page.chart(many_points(Chart::Kind::scatter, Scale::log));
    REQUIRE(save_page(scratch / "page.html", page.html()).error() == "");
    const auto begin = std::chrono::steady_clock::now();
    const std::string command =
        "timeout 120 chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --user-data-dir=" +
        (scratch / "profile") + " --dump-dom file://" + (scratch / "page.html") + " >" + (scratch / "dom") + " 2>" +
        (scratch / "log");
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
    const std::string log = read(scratch / "log"), dom = read(scratch / "dom");
    INFO(log);
    CHECK(log.find("CONSOLE") == std::string::npos);  // neither an error nor anything that the page's policy refused
    CHECK(dom.find("data-drawn=\"3\"") != std::string::npos);
}
