#include "bench/widths/page.h"

#include "reports.h"
#include "tests/catch.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale::bench;
using slimscale::reports::Markup;

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

const char *const kTimes = "Time over width, x2, 320x180 input", *const kQuality = "PSNR over time, x2, 320x180 input";

// Whether the chart has a line of this name.
bool drawn(const std::string &html, const std::string &series, const char *chart = kTimes) {
    const auto found = Markup(html).chart(chart);
    for (const auto &line : found.at("series"))
        if (line.at("name") == series)
            return true;
    return false;
}

const char *const kRows = R"([
    {"model": "edsr_small", "scale": 2, "channels": 64, "width": 1.0, "input": "320x180", "threads": 2,
     "engine": "openvino", "version": "1", "precision": "bf16", "p50_ms": 12.5, "max_abs_diff": 0.5,
     "mean_abs_diff": 0.1, "psnr_db": 51.2, "psnr_loss_db": null},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "engine": "torch", "version": "2", "precision": "f16",
     "p50_ms": 1.5, "max_abs_diff": 0.5, "device": "a GPU"},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "threads": 2, "engine": "wrong", "version": "1",
     "precision": "f32", "p50_ms": null, "max_abs_diff": 99},
    {"model": "edsr_small", "channels": 64, "input": "320x180", "threads": 2, "engine": "slimscale", "version": "1",
     "precision": "f32", "p50_ms": 3, "max_abs_diff": 0}])";

}  // namespace

TEST_CASE("The page is sound markup with the machine, a table per model and size, and what did not run") {
    const Markup markup(to_html(measured(), {peer("f32", 2)}));
    REQUIRE(markup.error() == "");
    CHECK(markup.texts("//dd").at(0) == "A <Processor> & more");
    CHECK(markup.texts("//h3") ==
          std::vector<std::string>{"edsr_small_x2, 320x180 input, 64 channels at full width", "Other engines"});
    CHECK(markup.count("//p[contains(., 'edsr_small_x2 on naive')]") == 1);
}

TEST_CASE("PSNR has a chart only where it was measured, both have milliseconds on a log axis") {
    Report report = small_report();
    derive(report);
    CHECK(Markup(to_html(report, {})).chart(kQuality).is_null());
    const Markup markup(to_html(measured(), {}));
    const auto times = markup.chart(kTimes), quality = markup.chart(kQuality);
    CHECK(times.at("y").at("log") == true);
    CHECK(quality.at("x").at("log") == true);
    const auto &line = quality.at("series").at(0);
    CHECK(line.at("name") == "edsr_small_x2, avx2");
    CHECK(line.at("x") == nlohmann::json({10.0, 80.0}));
    CHECK(line.at("y") == nlohmann::json({36.9, 37.3}));
    CHECK(line.at("labels") == nlohmann::json({"16", "64"}));
    CHECK(times.at("series").at(0).at("x") == nlohmann::json({16.0, 64.0}));
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
    CHECK(drawn(f32, "edsr_small, other f32", kQuality));
    CHECK(!drawn(bf16, "edsr_small, other bf16", kQuality));
    CHECK(drawn(bf16, "edsr_small, other bf16"));
}

TEST_CASE("Rows of other engines are read") {
    std::vector<PeerRow> rows;
    REQUIRE(parse_peers(kRows, rows).error() == "");
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
        CHECK(parse_peers(text, rows).error() != "");
        CHECK(rows.size() == 1);
    }
}
