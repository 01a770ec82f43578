#include "extras/reports/page.h"

#include <cmath>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "markup.h"
#include "tests/scratch.h"

using namespace slimscale::reports;

namespace {

// As much of a PNG as a page reads: signature, IHDR, size.
std::vector<uint8_t> png_header(uint8_t width, uint8_t height) {
    return {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
            0, 0, 0, width, 0, 0, 0, height};
}

Markup read(const Page &page) {
    Markup markup = read_markup(page.html());
    REQUIRE(markup.error == "");
    return markup;
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
    return page;
}

}  // namespace

TEST_CASE("Every text of a page is escaped") {
    const std::string html = everything().html();
    CHECK(read_markup(html).error == "");
    CHECK(occurrences(html, "<script") == 0);
    CHECK(occurrences(html, "src=\"x") == 0);
    CHECK(occurrences(html, "&lt;script src=&quot;x&quot;&gt;&amp;&#39;") > 20);
}

TEST_CASE("A page refers to nothing outside itself and runs nothing") {
    const std::string html = everything().html();
    for (const char *reference : {"http:", "https:", "@import", "url(", "//", "<link", "<script", "<iframe", "href"}) {
        CAPTURE(reference);
        // Within the texts above, brackets and quotes are escaped; these are not.
        CHECK(occurrences(html, reference) == 0);
    }
    for (const Tag &tag : read_markup(html).tags)
        for (const auto &[name, value] : tag.attributes) {
            CHECK(name.compare(0, 2, "on") != 0);
            if (name == "src")
                CHECK(value.compare(0, 22, "data:image/png;base64,") == 0);
        }
    CHECK(occurrences(html, "default-src &#39;none&#39;") == 1);
}

TEST_CASE("A page is a whole document") {
    const std::string html = everything().html();
    CHECK(html.compare(0, 16, "<!DOCTYPE html>\n") == 0);
    const Markup markup = read_markup(html);
    for (const char *once : {"html", "head", "body", "main", "h1", "style"})
        CHECK(markup.named(once).size() == 1);
    CHECK(markup.named("html")[0].attributes.at("lang") == "en");
    CHECK(markup.named("meta")[0].attributes.at("charset") == "utf-8");
}

TEST_CASE("Reloading by itself is asked for, never the default") {
    Page page("a");
    CHECK(occurrences(page.html(), "refresh") == 0);
    page.refresh_every(30);
    CHECK(occurrences(page.html(), "<meta http-equiv=\"refresh\" content=\"30\"/>") == 1);
    page.refresh_every(0);
    CHECK(occurrences(page.html(), "refresh") == 0);
}

TEST_CASE("Tables: a caption, heads of columns and rows, numbers to the right, the best in bold") {
    slimscale::base::Table table;
    table.title = "Scores";
    table.columns = {{"Image"}, {"PSNR", true, 2, slimscale::base::Column::Best::highest}};
    table.rows = {{"baby", 37.7}, {"head", 30.0}};
    Page page("a");
    const Markup markup = read(page.table(table).table({}));
    CHECK(texts(markup.named("caption")) == std::vector<std::string>{"Scores"});
    CHECK(texts(markup.named("b")) == std::vector<std::string>{"37.70"});
    CHECK(texts(markup.named("td")) == std::vector<std::string>{"", "30.00"});
    CHECK(markup.of_class("number").size() == 1 + 2);
    std::vector<std::string> row_heads;
    for (const Tag &tag : markup.named("th"))
        if (tag.attributes.at("scope") == "row")
            row_heads.push_back(tag.text);
    CHECK(row_heads == std::vector<std::string>{"baby", "head"});
}

TEST_CASE("Pictures have their size, times the zoom; what is no PNG is said so") {
    Page page("a");
    const Markup markup = read(page.pictures({"", {{"crop", png_header(48, 40)}, {"bad", {1, 2, 3}}}, 3, true}));
    const std::vector<Tag> images = markup.named("img");
    REQUIRE(images.size() == 1);
    CHECK(images[0].attributes.at("width") == "144");
    CHECK(images[0].attributes.at("height") == "120");
    CHECK(images[0].attributes.at("alt") == "crop");
    CHECK(images[0].attributes.at("class") == "pixelated");
    CHECK(texts(markup.named("p")) == std::vector<std::string>{"(no PNG)"});
    CHECK(texts(markup.named("figcaption")) == std::vector<std::string>{"crop", "bad"});
}

TEST_CASE("Raw text keeps its lines, the first one too") {
    Page page("a");
    CHECK(read(page.raw_text("Config", "\na: 1\n  b: 2\n")).named("pre").at(0).text == "\n\na: 1\n  b: 2\n");
}

TEST_CASE("Progress stays within its bar") {
    const auto width = [](double share) {
        Page page("a");
        return read(page.progress(share, "")).named("span").at(0).attributes.at("style");
    };
    CHECK(width(0.625) == "width:62.50%");
    CHECK(width(7) == "width:100.00%");
    CHECK(width(-1) == "width:0.00%");
    CHECK(width(std::nan("")) == "width:0.00%");
}

TEST_CASE("Saving replaces the page as a whole, or says why not") {
    const slimscale::Scratch scratch;
    const std::string path = scratch / "page.html";
    REQUIRE(save_page(path, "old") == "");
    REQUIRE(save_page(path, "new") == "");
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == "new");
    CHECK(slimscale::entries(scratch.folder()) == 1);
    CHECK(save_page(scratch / "missing/page.html", "a").find("missing/page.html") != std::string::npos);
}
