#include "bench/widths/page.h"

#include "reports.h"
#include "tests/catch.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale::bench;
using slimscale::reports::occurrences;
using slimscale::reports::read_markup;

namespace {

Report measured() {
    Report report = small_report();
    derive(report);
    for (Row &row : report.rows)
        row.psnr = row.channels == 64 ? 37.3 : 36.9;
    return report;
}

PeerRow peer(const char *precision, int threads) {
    return {"edsr_small", 2, 64, "320x180", "other", "9.9", precision, threads, 100};
}

// Of the charts' lines: each stands in the legends of the widths that a chart is drawn for.
bool drawn(const std::string &html, const std::string &series) {
    return occurrences(html, series) > 0;
}

const char *const kRows = R"([
    {"model": "edsr_small", "scale": 2, "channels": 64, "width": 1.0, "input": "320x180", "threads": 2,
     "engine": "openvino", "version": "1", "precision": "bf16", "p50_ms": 12.5, "max_abs_diff": 0.5},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "engine": "torch", "version": "2", "precision": "f16",
     "p50_ms": 1.5, "max_abs_diff": 0.5, "device": "a GPU"},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "threads": 2, "engine": "wrong", "version": "1",
     "precision": "f32", "p50_ms": null, "max_abs_diff": 99},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "threads": 2, "engine": "slimscale", "version": "1",
     "precision": "f32", "p50_ms": 3, "max_abs_diff": 0}])";

}  // namespace

TEST_CASE("The page is sound markup with texts escaped") {
    const std::string html = to_html(measured(), {peer("f32", 2)});
    CHECK(read_markup(html).error == "");
    CHECK(occurrences(html, "<Processor>") == 0);
    CHECK(occurrences(html, "A &lt;Processor&gt; &amp; more") > 0);
}

TEST_CASE("PSNR has a chart only where it was measured") {
    Report report = small_report();
    derive(report);
    CHECK(occurrences(to_html(report, {}), "PSNR over time") == 0);
    CHECK(occurrences(to_html(measured(), {}), "PSNR over time") > 0);
    CHECK(occurrences(to_html(report, {}), "Time over width, x2, 320x180 input") > 0);
}

TEST_CASE("Peers stand beside the rows of their network, size and threads") {
    CHECK(drawn(to_html(measured(), {peer("f32", 2)}), "edsr_small, other f32"));
    CHECK(drawn(to_html(measured(), {peer("f32", 0)}), "edsr_small, other f32"));  // on a GPU
    CHECK(!drawn(to_html(measured(), {peer("f32", 1)}), "edsr_small, other f32"));
    PeerRow elsewhere = peer("f32", 2);
    elsewhere.scale = 3;
    CHECK(!drawn(to_html(measured(), {elsewhere}), "edsr_small, other f32"));
    elsewhere.scale = 0;
    CHECK(drawn(to_html(measured(), {elsewhere}), "edsr_small, other f32"));
}

TEST_CASE("Only f32 peers compute what our PSNR is of") {
    const std::string f32 = to_html(measured(), {peer("f32", 2)}), bf16 = to_html(measured(), {peer("bf16", 2)});
    // In the charts of both PSNR and time, or in that of time alone.
    CHECK(occurrences(f32, "edsr_small, other f32") > occurrences(bf16, "edsr_small, other bf16"));
    CHECK(drawn(bf16, "edsr_small, other bf16"));
}

TEST_CASE("Rows of other engines are read") {
    std::vector<PeerRow> rows;
    REQUIRE(parse_peers(kRows, rows) == "");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].engine == "openvino");
    CHECK(rows[0].scale == 2);
    CHECK(rows[0].precision == "bf16");
    CHECK(rows[0].p50_ms == 12.5);
    CHECK(rows[1].threads == 0);
    CHECK(rows[1].scale == 0);
}

TEST_CASE("What holds no rows of engines is refused") {
    for (const char *text : {"", "{}", "[{\"model\": 3, \"p50_ms\": 1, \"engine\": \"a\"}]", "[1]"}) {
        CAPTURE(text);
        std::vector<PeerRow> rows(1);
        CHECK(parse_peers(text, rows) != "");
        CHECK(rows.size() == 1);
    }
}
