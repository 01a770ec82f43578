// bench_widths as a user runs it.
#include <cmath>
#include <cstdlib>

#include <sys/wait.h>

#include "base/files.h"
#include "bench/widths/json.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"
#include "tests/scratch.h"
#include "weights/model_file.h"

using namespace slimscale;
using bench::Report;
using bench::Row;

namespace {

// The shortest run, with one awkward size.
const std::string kQuick = "--model edsr_small_x2 --sizes 16x16,13x7 --threads 1 --seconds 0 --rounds 1";

int run(const std::string &arguments, const std::string &out = "/dev/null") {
    const int status = std::system((BENCH_WIDTHS " " + arguments + " >" + out + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string slurp(const std::string &path) {
    auto text = base::read_text(path);
    REQUIRE(text.error() == "");
    return *std::move(text);
}

Report report_of(const std::string &path) {
    Report report;
    REQUIRE(bench::parse_json(slurp(path), report).error() == "");
    return report;
}

}  // namespace

TEST_CASE("Every width is timed at every size, with memory, code and quality") {
    const Scratch scratch;
    const std::string json = scratch / "bench.json", html = scratch / "bench.html";
    REQUIRE(images::write_image(scratch / "photo.png", images::noise_image(64, 48, 3, 8), {}).error() == "");
    REQUIRE(run(kQuick + " --targets baseline --resident --images " + scratch.folder() + " --json " + json +
                " --html " + html) == 0);
    const Report report = report_of(json);
    REQUIRE(report.rows.size() == 2 * 4);
    for (size_t i = 0; i < report.rows.size(); i++) {
        const Row &row = report.rows[i];
        CAPTURE(row.channels, row.input);
        CHECK(row.channels == report.rows[i % 4].channels);
        CHECK(row.psnr == report.rows[i % 4].psnr);
        CHECK(std::isfinite(row.psnr));
        CHECK(row.p50_ms > 0);
        CHECK(row.p50_ms <= row.p99_ms);
        CHECK(row.p99_ms <= row.worst_ms);
        CHECK(row.open_ms > 0);
        CHECK(row.first_ms > 0);
        CHECK(row.weights_bytes > 0);
        CHECK(row.resident_bytes > row.workspace_bytes + row.weights_bytes);
        CHECK(row.code_bytes > 0);
        CHECK(row.peak_share > 0);
    }
    CHECK(slurp(html).find("PSNR over time") != std::string::npos);
}

TEST_CASE("Fixed point is timed at the widths that are calibrated, and its code is counted") {
    const Scratch scratch;
    const std::string json = scratch / "q16.json";
    Result<weights::ModelFile> file =
        weights::load_model(SLIMSCALE_SOURCE_DIR "/weights/zoo/compact_luma_x2.safetensors");
    REQUIRE(file.error() == "");
    file->q16.erase(8);
    file->q16.erase(32);
    REQUIRE(weights::save_model(scratch / "partly.safetensors", *file).error() == "");
    REQUIRE(run("--model " + (scratch / "partly.safetensors") +
                " --sizes 16x16 --seconds 0 --rounds 1 --targets avx2_q16,avx2 --json " + json) == 0);
    const Report report = report_of(json);
    REQUIRE(report.rows.size() == 1 + 3);
    CHECK(report.rows[0].target == "avx2_q16");
    CHECK(report.rows[0].channels == 16);
    CHECK(report.rows[0].code_bytes > 0);
    CHECK(report.rows[0].code_bytes != report.rows[1].code_bytes);
}

TEST_CASE("A target that does not run is told, and the others are timed") {
    const Scratch scratch;
    REQUIRE(run(kQuick + " --targets nowhere,baseline --json " + (scratch / "a.json"), scratch / "out") == 0);
    const Report report = report_of(scratch / "a.json");
    CHECK(report.rows.size() == 2 * 4);
    REQUIRE(report.skipped.size() == 1);
    CHECK(report.skipped[0].target == "nowhere");
    CHECK(report.skipped[0].sentence != "");
    CHECK(slurp(scratch / "out").find("edsr_small_x2 on nowhere: ") != std::string::npos);

    REQUIRE(run(kQuick + " --targets baseline --compare " + (scratch / "a.json") + " --json " + (scratch / "b.json")) ==
            0);
    for (const Row &row : report_of(scratch / "b.json").rows)
        CHECK(row.old_over_new > 0);
}

TEST_CASE("Failures have exit codes") {
    CHECK(run(kQuick + " --targets nowhere") == 1);
    CHECK(run("--model edsr_small_x2 --sizes 60000x60000") == 1);
    CHECK(run("--model nothing") == 2);
    CHECK(run("--sizes big") == 2);
    CHECK(run("--help") == 0);
}
