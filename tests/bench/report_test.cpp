#include "bench/widths/report.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "bench/widths/compare.h"
#include "bench/widths/json.h"
#include "bench/widths/table.h"
#include "reports.h"
#include "tests/catch.h"

using namespace slimscale::bench;

namespace {

Report derived_report() {
    Report report = small_report();
    derive(report);
    return report;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Percentiles are values that were measured") {
    CHECK(percentile({3}, 50) == 3);
    CHECK(percentile({3}, 99) == 3);
    CHECK(percentile({4, 1, 3, 2}, 50) == 2);
    CHECK(percentile({4, 1, 3, 2}, 51) == 3);
    CHECK(percentile({4, 1, 3, 2}, 100) == 4);
    CHECK(percentile({4, 1, 3, 2}, 0) == 1);
    std::vector<double> hundred(100);
    for (size_t i = 0; i < hundred.size(); i++)
        hundred[i] = static_cast<double>(100 - i);
    CHECK(percentile(hundred, 99) == 99);
    CHECK(percentile(hundred, 50) == 50);
}

TEST_CASE("Targets name their precision and their vectors") {
    CHECK(precision_of("avx2") == "f32");
    CHECK(precision_of("cuda") == "f32");
    CHECK(precision_of("cuda_f16") == "f16");
    CHECK(precision_of("avx2_q16") == "q16");
    CHECK(precision_of("amx_bf16") == "bf16");
    CHECK(precision_of("f16") == "f32");
    CHECK(lanes_of("baseline") == 4);
    CHECK(lanes_of("avx2") == 8);
    CHECK(lanes_of("avx512_q16") == 16);
    CHECK(lanes_of("amx_bf16") == 16);
    CHECK(lanes_of("cuda") == 0);
}

TEST_CASE("Figures that follow from others") {
    const Report report = derived_report();
    const Row &narrow = report.rows[0], &wide = report.rows[1], &gpu = report.rows[2];
    CHECK(narrow.frames_per_second == Approx(100));
    CHECK(narrow.effective_gflops == Approx(100));
    CHECK(narrow.peak_share == Approx(1));
    CHECK(narrow.winograd_share == Approx(0.4));  // 0.8 of 1 GF cost a fourth
    CHECK(narrow.speedup == Approx(8));
    CHECK(narrow.speedup_per_flops == Approx(0.5));  // 8 times as fast with a 16th of the operations
    CHECK(wide.speedup == Approx(1));
    CHECK(wide.winograd_share == Approx((4 + 12 / 4.) / 0.08 / 100));
    Report collapsed = small_report();
    collapsed.rows[1].collapsed_gflop = 2;
    derive(collapsed);
    CHECK(collapsed.rows[1].winograd_share == Approx((2 + 12 / 4.) / 0.08 / 100));
    Report pointwise = small_report();
    pointwise.rows[1].pointwise_gflop = 2;  // no multiplication of 1x1 convolutions is saved
    derive(pointwise);
    CHECK(pointwise.rows[1].winograd_share == wide.winograd_share);
    pointwise.rows[1].target += "_q16";  // takes half the time for products
    pointwise.peaks.push_back({"avx2_q16", 100});
    derive(pointwise);
    CHECK(pointwise.rows[1].winograd_share == Approx((2 + 2 / 2. + 12 / 8.) / 0.08 / 100));
    Report tiles = small_report();
    tiles.rows[1].pointwise_gflop = 2;
    tiles.rows[1].target = "amx_bf16";  // 3x3 and 1x1 as they are, in tiles
    tiles.peaks.push_back({"amx_bf16", 100, 1600});
    derive(tiles);
    CHECK(tiles.rows[1].winograd_share == Approx((2 + 14 / 16.) / 0.08 / 100));
    tiles.peaks.back().tile_gflops = kUnknown;
    derive(tiles);
    CHECK(std::isnan(tiles.rows[1].winograd_share));
    CHECK(gpu.speedup == Approx(5));  // against the widest row of its own target
    CHECK(std::isnan(gpu.peak_share));
}

TEST_CASE("Rows of one model and size are a group") {
    Report report = small_report();
    report.rows[1].input = "640x360";
    const std::vector<Group> groups = groups_of(report);
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].rows.size() == 3);
    CHECK(groups[1].rows == std::vector<const Row *>{&report.rows[1]});
}

TEST_CASE("A table leaves out what is not known") {
    Report report = derived_report();
    const slimscale::base::Table plain = table_of(groups_of(report).front());
    const std::string header = slimscale::base::to_markdown(plain);
    for (const char *column : {"p50 ms", "p99 ms", "of FMA peak", "of Winograd limit", "memory MB"})
        CHECK(contains(header, column));
    for (const char *column : {"PSNR", "old / new", "resident", "code"})
        CHECK(!contains(header, column));
    for (const std::vector<slimscale::base::Cell> &row : plain.rows)
        CHECK(row.size() == plain.columns.size());

    report.rows[0].psnr = 37.456;
    report.rows[0].code_bytes = 223282;
    const std::string full = slimscale::base::to_markdown(table_of(groups_of(report).front()));
    CHECK(contains(full, "37.46"));
    CHECK(contains(full, "223"));
}

TEST_CASE("The whole report as Markdown") {
    const std::string text = to_markdown(derived_report());
    CHECK(contains(text, "A <Processor> & more, 2 threads (pinned), slimscale 1.2.3, 2026-11-24T13:00:00Z"));
    CHECK(contains(text, "avx2 100 GF/s"));
    CHECK(contains(text, "## edsr_small_x2, 320x180 input, 64 channels at full width"));
    CHECK(contains(text, "- edsr_small_x2 on naive: it is not compiled in\n"));
    CHECK(contains(text, "- edsr_small_x2 on cuda at 320x180: no memory\n"));
}

TEST_CASE("JSON reads back as it was") {
    Report report = derived_report();
    report.rows[0].psnr = 37.5;
    report.rows[1].resident_bytes = 12345678;
    Report read;
    REQUIRE(parse_json(to_json(report), read).error() == "");
    CHECK(to_json(read) == to_json(report));
    CHECK(read.rows[0].psnr == 37.5);
    CHECK(std::isnan(read.rows[1].psnr));
    CHECK(read.rows[1].resident_bytes == 12345678);
    CHECK(read.skipped[0].input == "");
    CHECK(read.skipped[1].input == "320x180");
}

TEST_CASE("The peak in tiles is printed and read back") {
    Report report = derived_report();
    report.peaks.push_back({"amx_bf16", 100, 1600});
    CHECK(contains(to_markdown(report), "avx2 100 GF/s, amx_bf16 100 GF/s, in tiles 1600\n"));
    Report read;
    REQUIRE(parse_json(to_json(report), read).error() == "");
    CHECK(read.peaks[1].tile_gflops == 1600);
    CHECK(std::isnan(read.peaks[0].tile_gflops));
    auto json = nlohmann::json::parse(to_json(report));  // as an earlier version wrote it
    json["peaks"][1].erase("tile_gflops");
    REQUIRE(parse_json(json.dump(), read = Report()).error() == "");
    CHECK(std::isnan(read.peaks[1].tile_gflops));
}

TEST_CASE("JSON has what is unknown as null") {
    const auto json = nlohmann::json::parse(to_json(derived_report()));
    const auto &narrow = json.at("rows").at(0), &gpu = json.at("rows").at(2);
    CHECK(json.at("peaks").at(0).at("tile_gflops").is_null());
    CHECK(narrow.at("psnr_y").is_null());
    CHECK(narrow.at("resident_bytes").is_null());
    CHECK(narrow.at("width") == 0.25);
    CHECK(narrow.at("precision") == "f32");
    CHECK(gpu.at("precision") == "f16");
    CHECK(gpu.at("peak_share").is_null());
    CHECK(json.at("command") == "bench_widths --sizes 320x180");
}

TEST_CASE("What is no report is refused with a sentence") {
    const std::string good = to_json(small_report());
    auto json = nlohmann::json::parse(good);
    json.at("rows").at(0).erase("p50_ms");
    const std::string incomplete = json.dump();
    json = nlohmann::json::parse(good);
    json["format_version"] = 99;
    const std::string other = R"({"format": "other"})", half = good.substr(0, good.size() / 2);
    for (const std::string &text : {std::string(), std::string("[]"), other, incomplete, json.dump(), half}) {
        Report report;
        report.machine = "untouched";
        CHECK(parse_json(text, report).error() != "");
        CHECK(report.machine == "untouched");
    }
}

TEST_CASE("An earlier report stands beside the rows that both have") {
    Report now = derived_report(), old = derived_report();
    old.rows[0].p50_ms = 15;
    old.rows[1].target = "avx512";
    old.rows[2].input = "640x360";
    CHECK(compare(now, old) == "");
    CHECK(now.rows[0].old_over_new == Approx(1.5));
    CHECK(std::isnan(now.rows[1].old_over_new));
    CHECK(std::isnan(now.rows[2].old_over_new));
    CHECK(now.rows[3].old_over_new == Approx(1));
}

TEST_CASE("What makes a comparison doubtful is told") {
    Report now = derived_report(), old = derived_report();
    old.machine = "another";
    CHECK(contains(compare(now, old), "another machine"));
    old = derived_report();
    old.threads = 1;
    CHECK(contains(compare(now, old), "number of threads"));
    old.rows.clear();
    CHECK(contains(compare(now, old), "no row in common"));
}
