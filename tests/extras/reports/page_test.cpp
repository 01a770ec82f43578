#include "extras/reports/page.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/catch.h"
#include "tests/extras/reports/markup.h"
#include "tests/scratch.h"

using namespace slimscale::reports;

namespace {

using Texts = std::vector<std::string>;

std::string file_text(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// The sum by another program than the one that is checked.
std::string sha256_base64(const std::string &text) {
    const slimscale::Scratch scratch;
    std::ofstream(scratch / "text") << text;
    const std::string command =
        "python3 -c 'import base64, hashlib, sys; "
        "print(base64.b64encode(hashlib.sha256(sys.stdin.buffer.read()).digest()).decode())' <" +
        (scratch / "text") + " >" + (scratch / "sum");
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string sum = file_text(scratch / "sum");
    return sum.substr(0, sum.find('\n'));
}

// The part of a PNG that a page reads: signature, IHDR, size.
std::vector<uint8_t> png_header(uint8_t width, uint8_t height) {
    return {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',  0, 0, 0, 13,
            'I',  'H', 'D', 'R', 0,    0,    0,    width, 0, 0, 0, height};
}

Page everything() {
    const std::string evil = "<script src=\"x\">&'";
    Chart chart;
    chart.title = evil;
    chart.description = evil;
    chart.x.title = evil;
    chart.y.title = evil;
    chart.series.resize(2);
    for (Series &series : chart.series) {
        series.name = evil;
        series.x = {0, 1};
        series.y = {0, 1};
        series.labels = {evil, evil};
    }
    chart.references = {{evil, 0.5}};
    Chart scatter = chart;
    scatter.kind = Chart::Kind::scatter;

    Page page(evil);
    page.subtitle(evil).heading(evil).paragraph(evil).facts({{evil, evil}}).progress(0.5, evil);
    page.table({evil, {{evil}, {evil, true, 2, slimscale::base::Column::Best::highest}}, {{evil, 1.0}, {evil, evil}}});
    page.chart(chart).charts({chart, scatter});
    page.pictures({evil, {{evil, png_header(4, 3)}, {evil, {}}}, 2, true}).raw_text(evil, evil);
    page.comparison({evil, {evil, png_header(4, 3)}, {evil, png_header(4, 3)}, 4, 3, 1, evil});
    return page;
}

}  // namespace

TEST_CASE("Every text of a page is escaped, in the markup and in the charts' JSON") {
    const std::string html = everything().html();
    const Markup markup(html);
    REQUIRE(markup.error() == "");
    CHECK(markup.count("//script") == 2);  // the charts' values, and the script that draws them
    CHECK(occurrences(html, "<script src") == 0);
    CHECK(occurrences(html, "&lt;script src=&quot;x&quot;&gt;&amp;&#39;") > 20);
    const std::string evil = "<script src=\"x\">&'";
    for (const char *xpath : {"//title", "//h1", "//h2", "//h3", "//dt", "//dd", "//figcaption/b", "//summary",
                              "//progress/@aria-label", "//img/@alt"}) {
        CAPTURE(xpath);
        const std::vector<std::string> found = markup.texts(xpath);
        CHECK(std::count(found.begin(), found.end(), evil) >= 1);
    }
    REQUIRE(markup.charts().size() == 3);
    for (const auto &chart : markup.charts()) {
        CHECK(chart.at("title") == evil);
        CHECK(chart.at("series").at(1).at("name") == evil);
    }
}

TEST_CASE("What a text holds is never taken for a place of the template's") {
    Page page("{{body}}");
    const Markup markup(page.paragraph("{{charts}} {{title}} }} {{").html());
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//title") == Texts{"{{body}}"});
    CHECK(markup.texts("//p") == Texts{"{{charts}} {{title}} }} {{"});
}

TEST_CASE("A page refers to nothing outside itself and lets nothing but its own script run") {
    const std::string html = everything().html();
    const Markup markup(html);
    const std::string &script = markup.script();
    std::string rest = html;
    rest.erase(rest.find(script), script.size());
    for (const char *reference : {"http:", "https:", "@import", "url(", "//", "<link", "<iframe", "href"}) {
        CAPTURE(reference);
        CHECK(occurrences(rest, reference) == 0);
    }
    CHECK(markup.count("//@*[starts-with(name(), 'on')]") == 0);
    CHECK(markup.count("//@src") == markup.count("//img/@src[starts-with(., 'data:image/')]"));
    CHECK(markup.count("//script[@src]") == 0);

    // Chart.js names two addresses in the comments on its licence; it fetches nothing.
    CHECK(occurrences(script, "http") == 2);
    CHECK(occurrences(script, " * https://") == 2);
    for (const char *call :
         {"fetch(", "XMLHttpRequest", "WebSocket", "import(", "sendBeacon", "eval(", "new Function"}) {
        CAPTURE(call);
        CHECK(occurrences(script, call) == 0);
    }
    const Texts policy = markup.texts("//meta[@http-equiv='Content-Security-Policy']/@content");
    REQUIRE(policy.size() == 1);
    CHECK(policy[0] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" +
                           sha256_base64(script) + "'");
}

TEST_CASE("Chart.js is in the page as the package has it, with its licence") {
    const std::string html = Page("a").html();
    const std::string chart_js = file_text(SLIMSCALE_CHART_JS);
    REQUIRE(chart_js.size() > 100000);
    CHECK(occurrences(html, chart_js) == 1);
    for (const char *part : {"Chart.js Contributors", "Jukka Kurkela", "Permission is hereby granted, free of charge",
                             "THE SOFTWARE IS PROVIDED \"AS IS\""})
        CHECK(occurrences(html, part) == 1);
}

TEST_CASE("Every series' colour is there for light and for dark") {
    const Texts sheet = Markup(Page("a").html()).texts("//style");
    REQUIRE(sheet.size() == 1);
    for (int i = 0; i < 6; i++)
        CHECK(occurrences(sheet[0], "--s" + std::to_string(i) + ": #") == 2);
}

TEST_CASE("A page is a whole document") {
    const std::string html = everything().html();
    CHECK(html.compare(0, 16, "<!DOCTYPE html>\n") == 0);
    const Markup markup(html);
    for (const char *once : {"/html", "/html/head", "/html/body", "//main", "//h1", "//style", "//head/title"})
        CHECK(markup.count(once) == 1);
    CHECK(markup.texts("/html/@lang") == Texts{"en"});
    CHECK(markup.texts("//meta/@charset") == Texts{"utf-8"});
    CHECK(Markup(Page("no charts").html()).charts().empty());
}

TEST_CASE("Each chart has a place to be drawn into, and its values as a table for readers without a script") {
    Chart chart;
    chart.title = "Loss";
    chart.description = "Of all widths.";
    chart.x.title = "step";
    chart.series.resize(1);
    chart.series[0].x = {1, 2};
    chart.series[0].y = {3, 4};
    Chart empty;
    empty.title = "Nothing";
    Page page("a");
    const Markup markup(page.charts({chart, empty}).chart(chart).html());
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//figure/figcaption/b") == Texts{"Loss", "Nothing", "Loss"});
    CHECK(markup.texts("//div[@class='canvas']/@data-chart") == Texts{"0", "2"});
    CHECK(markup.charts().size() == 3);
    CHECK(markup.texts("//details/@open").size() == 2);
    CHECK(markup.texts("(//details)[1]//th") == Texts{"step", "Loss"});
    CHECK(markup.texts("(//details)[1]//td") == Texts{"1", "3", "2", "4"});
    CHECK(markup.texts("//p") == Texts{"no values yet"});
}

TEST_CASE("Reloading by itself is asked for, never the default") {
    const std::string refresh = "//meta[@http-equiv='refresh']/@content";
    Page page("a");
    CHECK(Markup(page.html()).count(refresh) == 0);
    page.refresh_every(30);
    CHECK(Markup(page.html()).texts(refresh) == Texts{"30"});
    page.refresh_every(0);
    CHECK(Markup(page.html()).count(refresh) == 0);
}

TEST_CASE("Tables: a title, heads of columns and rows, numbers to the right, the best in bold") {
    slimscale::base::Table table;
    table.title = "Scores";
    table.columns = {{"Image"}, {"PSNR", true, 2, slimscale::base::Column::Best::highest}};
    table.rows = {{"baby", 37.7}, {"head", 30.0}};
    Page page("a");
    const Markup markup(page.table(table).table({}).html());
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//h3") == Texts{"Scores"});
    CHECK(markup.texts("//td/b") == Texts{"37.70"});
    CHECK(markup.texts("//td") == Texts{"37.70", "30.00"});
    CHECK(markup.texts("//*[@class='number']") == Texts{"PSNR", "37.70", "30.00"});
    CHECK(markup.texts("//th[@scope='col']") == Texts{"Image", "PSNR"});
    CHECK(markup.texts("//th[@scope='row']") == Texts{"baby", "head"});
}

TEST_CASE("Pictures have their size, times the zoom, what is no PNG is said so") {
    Page page("a");
    const Markup markup(page.pictures({"", {{"crop", png_header(48, 40)}, {"bad", {1, 2, 3}}}, 3, true}).html());
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//img/@width") == Texts{"144"});
    CHECK(markup.texts("//img/@height") == Texts{"120"});
    CHECK(markup.texts("//img/@alt") == Texts{"crop"});
    CHECK(markup.texts("//img/@class") == Texts{"pixelated"});
    CHECK(markup.texts("//p") == Texts{"(no PNG)"});
    CHECK(markup.texts("//figcaption") == Texts{"crop", "bad"});
}

TEST_CASE("Raw text keeps its lines, the first one too") {
    Page page("a");
    CHECK(Markup(page.raw_text("Config", "\na: 1\n  b: 2\n").html()).texts("//pre") == Texts{"\n\na: 1\n  b: 2\n"});
}

TEST_CASE("Progress stays within its bar") {
    const auto value = [](double share) {
        Page page("a");
        return Markup(page.progress(share, "").html()).texts("//progress/@value").at(0);
    };
    CHECK(value(0.625) == "0.6250");
    CHECK(value(7) == "1.0000");
    CHECK(value(-1) == "0.0000");
    CHECK(value(std::nan("")) == "0.0000");
}

TEST_CASE("Saving replaces the page as a whole, or says why not") {
    const slimscale::Scratch scratch;
    const std::string path = scratch / "page.html";
    REQUIRE(save_page(path, "old").error() == "");
    REQUIRE(save_page(path, "new").error() == "");
    CHECK(file_text(path) == "new");
    CHECK(slimscale::entries(scratch.folder()) == 1);
    CHECK(save_page(scratch / "missing/page.html", "a").error().find("missing/page.html") != std::string::npos);
}

TEST_CASE("A comparison stands beside each other for readers without a script") {
    Page page("a");
    page.comparison({"title", {"one", png_header(4, 3)}, {"two", {0xff, 0xd8, 0xff}}, 4, 3, 2, "a caption"});
    const Markup markup(page.html());
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//h3") == Texts{"title"});
    CHECK(markup.texts("//figure[@class='compare']/@style") == Texts{"--width:8px"});
    CHECK(markup.texts("//figure[@class='compare']/figcaption") == Texts{"a caption"});
    CHECK(markup.texts("//div[@class='stage']/figure/figcaption") == Texts{"one", "two"});
    CHECK(markup.texts("//div[@class='stage']//img/@alt") == Texts{"one", "two"});
    CHECK(markup.texts("//img/@width") == Texts{"4", "4"});
    const Texts sources = markup.texts("//img/@src");
    CHECK(sources[0].compare(0, 22, "data:image/png;base64,") == 0);
    CHECK(sources[1] == "data:image/jpeg;base64,/9j/");
    CHECK(markup.count("//*[@role]") == 0);  // the script brings the handle
}
