#include "reports.h"

namespace slimscale::bench {
namespace {

Row row(const char *target, int channels, double ms) {
    Row row;
    row.model = "edsr_small_x2";
    row.network = "edsr_small";
    row.scale = 2;
    row.channels = channels;
    row.full_channels = 64;
    row.input = "320x180";
    row.target = target;
    row.device = "a processor";
    row.threads = 2;
    row.open_ms = 1;
    row.first_ms = 2 * ms;
    row.p50_ms = ms;
    row.p99_ms = ms + 1;
    row.worst_ms = ms + 2;
    row.frames = 7;
    row.gflop = channels == 64 ? 16 : 1;
    row.winograd_gflop = channels == 64 ? 12 : 0.8;
    row.workspace_bytes = 3000000;
    row.weights_bytes = 500000;
    return row;
}

}  // namespace

Report small_report() {
    Report report;
    report.version = "1.2.3";
    report.machine = "A <Processor> & more";
    report.date = "2026-11-24T13:00:00Z";
    report.command = "bench_widths --sizes 320x180";
    report.threads = 2;
    report.pinned = true;
    report.peaks = {{"avx2", 100}};
    report.rows = {row("avx2", 16, 10), row("avx2", 64, 80), row("cuda_f16", 16, 40), row("cuda_f16", 64, 200)};
    report.skipped = {{"edsr_small_x2", "naive", "", "it is not compiled in"},
                      {"edsr_small_x2", "cuda", "320x180", "no memory"}};
    return report;
}

}  // namespace slimscale::bench
