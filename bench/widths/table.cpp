#include "bench/widths/table.h"

#include <algorithm>
#include <cmath>

#include "extras/quality/markdown.h"
#include "extras/reports/numbers.h"

namespace slimscale::bench {
namespace {

const char *const kNothing = "-";

std::string number(double value, int decimals) {
    return std::isfinite(value) ? reports::decimal(value, decimals) : kNothing;
}

// Three digits are as much as a shared machine repeats.
std::string ms_text(double ms) {
    return number(ms, ms < 10 ? 2 : ms < 100 ? 1
                                             : 0);
}

std::string percent(double share) {
    return std::isfinite(share) ? reports::decimal(100 * share, 0) + " %" : kNothing;
}

std::string bytes_text(size_t bytes, double unit, int decimals) {
    return bytes == 0 ? kNothing : reports::decimal(static_cast<double>(bytes) / unit, decimals);
}

struct Column {
    const char *title;
    std::string (*text)(const Row &row);
};

constexpr size_t kTextColumns = 1;
const Column kColumns[] = {
    {"target", [](const Row &row) { return row.target; }},
    {"channels", [](const Row &row) { return std::to_string(row.channels); }},
    {"first ms", [](const Row &row) { return ms_text(row.first_ms); }},
    {"p50 ms", [](const Row &row) { return ms_text(row.p50_ms); }},
    {"p99 ms", [](const Row &row) { return ms_text(row.p99_ms); }},
    {"worst ms", [](const Row &row) { return ms_text(row.worst_ms); }},
    {"frames/s", [](const Row &row) { return number(row.frames_per_second, 1); }},
    {"GF/s", [](const Row &row) { return number(row.effective_gflops, 0); }},
    {"of FMA peak", [](const Row &row) { return percent(row.peak_share); }},
    {"of Winograd limit", [](const Row &row) { return percent(row.winograd_share); }},
    {"times as fast", [](const Row &row) { return number(row.speedup, 2); }},
    {"per FLOPs", [](const Row &row) { return number(row.speedup_per_flops, 2); }},
    {"memory MB", [](const Row &row) { return bytes_text(row.workspace_bytes + row.weights_bytes, 1e6, 1); }},
    {"resident MB", [](const Row &row) { return bytes_text(row.resident_bytes, 1e6, 1); }},
    {"code kB", [](const Row &row) { return bytes_text(row.code_bytes, 1e3, 0); }},
    {"PSNR dB", [](const Row &row) { return number(row.psnr, 2); }},
    {"old / new", [](const Row &row) { return number(row.old_over_new, 2); }},
};

bool has_figures(const Group &group, const Column &column) {
    return std::any_of(group.rows.begin(), group.rows.end(),
                       [&](const Row *row) { return column.text(*row) != kNothing; });
}

}  // namespace

quality::Table table_of(const Group &group) {
    const Row &first = *group.rows.front();
    quality::Table table;
    table.title = group.model + ", " + group.input + " input, " + std::to_string(first.full_channels) +
                  " channels at full width";
    table.text_columns = kTextColumns;
    table.rows.resize(group.rows.size());
    for (const Column &column : kColumns) {
        if (!has_figures(group, column))
            continue;
        table.header.push_back(column.title);
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
                reports::decimal(peak.gflops, 0) + " GF/s";
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
        const quality::Table table = table_of(group);
        text += "\n## " + table.title + "\n\n" + quality::to_markdown(table);
    }
    if (!report.skipped.empty())
        text += "\n## Not run\n\n";
    for (const Skipped &skipped : report.skipped)
        text += "- " + text_of(skipped) + "\n";
    return text;
}

}  // namespace slimscale::bench
