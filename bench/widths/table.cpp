#include "bench/widths/table.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"

namespace slimscale::bench {
namespace {

using base::decimal;
using base::kNoValue;
using base::percent;

// On a shared machine no more than three digits are repeatable.
std::string ms_text(double ms) {
    return decimal(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

std::string bytes_text(size_t bytes, double unit, int decimals) {
    return bytes == 0 ? kNoValue : decimal(static_cast<double>(bytes) / unit, decimals);
}

struct Column {
    const char *title;
    std::string (*text)(const Row &row);
};

// The first column has texts, the others have figures.
const Column kColumns[] = {
    {"target", [](const Row &row) { return row.target; }},
    {"channels", [](const Row &row) { return std::to_string(row.channels); }},
    {"first ms", [](const Row &row) { return ms_text(row.first_ms); }},
    {"p50 ms", [](const Row &row) { return ms_text(row.p50_ms); }},
    {"p99 ms", [](const Row &row) { return ms_text(row.p99_ms); }},
    {"worst ms", [](const Row &row) { return ms_text(row.worst_ms); }},
    {"frames/s", [](const Row &row) { return decimal(row.frames_per_second, 1); }},
    {"GF/s", [](const Row &row) { return decimal(row.effective_gflops, 0); }},
    {"of FMA peak", [](const Row &row) { return percent(row.peak_share); }},
    {"of Winograd limit", [](const Row &row) { return percent(row.winograd_share); }},
    {"times as fast", [](const Row &row) { return decimal(row.speedup, 2); }},
    {"per FLOPs", [](const Row &row) { return decimal(row.speedup_per_flops, 2); }},
    {"memory MB", [](const Row &row) { return bytes_text(row.workspace_bytes + row.weights_bytes, 1e6, 1); }},
    {"resident MB", [](const Row &row) { return bytes_text(row.resident_bytes, 1e6, 1); }},
    {"code kB", [](const Row &row) { return bytes_text(row.code_bytes, 1e3, 0); }},
    {"PSNR dB", [](const Row &row) { return decimal(row.psnr, 2); }},
    {"old / new", [](const Row &row) { return decimal(row.old_over_new, 2); }},
};

bool has_figures(const Group &group, const Column &column) {
    return std::any_of(group.rows.begin(), group.rows.end(),
                       [&](const Row *row) { return column.text(*row) != kNoValue; });
}

}  // namespace

base::Table table_of(const Group &group) {
    const Row &first = *group.rows.front();
    base::Table table;
    table.title =
        group.model + ", " + group.input + " input, " + std::to_string(first.full_channels) + " channels at full width";
    table.rows.resize(group.rows.size());
    for (const Column &column : kColumns) {
        if (!has_figures(group, column))
            continue;
        table.columns.push_back({column.title, /*numeric=*/!table.columns.empty()});
        for (size_t i = 0; i < group.rows.size(); i++)
            table.rows[i].push_back(column.text(*group.rows[i]));
    }
    return table;
}

std::string conditions(const Report &report) {
    return report.machine + ", " + std::to_string(report.threads) + (report.threads == 1 ? " thread" : " threads") +
           (report.pinned ? " (pinned)" : "") + ", slimscale " + report.version + ", " + report.date;
}

std::string peaks_text(const Report &report) {
    std::string text;
    for (const Peak &peak : report.peaks)
        text += (text.empty() ? "Multiply-add peak of these threads, measured: " : ", ") + peak.target + " " +
                decimal(peak.gflops, 0) + " GF/s" +
                (std::isnan(peak.tile_gflops) ? "" : ", in tiles " + decimal(peak.tile_gflops, 0));
    return text;
}

std::string text_of(const Skipped &skipped) {
    return skipped.model + " on " + skipped.target + (skipped.input.empty() ? "" : " at " + skipped.input) + ": " +
           skipped.sentence;
}

std::string to_markdown(const Report &report) {
    std::string text = conditions(report) + "\n";
    if (!report.peaks.empty())
        text += "\n" + peaks_text(report) + "\n";
    for (const Group &group : groups_of(report)) {
        const base::Table table = table_of(group);
        text += "\n## " + table.title + "\n\n" + base::to_markdown(table);
    }
    if (!report.skipped.empty())
        text += "\n## Not run\n\n";
    for (const Skipped &skipped : report.skipped)
        text += "- " + text_of(skipped) + "\n";
    return text;
}

}  // namespace slimscale::bench
