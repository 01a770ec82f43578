#include "bench/widths/report.h"

#include <algorithm>
#include <cmath>

#include "contract/target.h"

namespace slimscale::bench {
namespace {

// F(4x4, 3x3) multiplies 36 times where the direct form does 144 times.
constexpr double kWinogradSaving = 4;
constexpr double kQ16Products = 2;  // products of int16 in the time of one in f32

bool same_subject(const Row &a, const Row &b) {
    return a.model == b.model && a.target == b.target && a.input == b.input;
}

const Row &widest(const Report &report, const Row &row) {
    const Row *best = &row;
    for (const Row &other : report.rows)
        if (same_subject(other, row) && other.channels > best->channels)
            best = &other;
    return *best;
}

Peak peak_of(const Report &report, const std::string &target) {
    for (const Peak &peak : report.peaks)
        if (peak.target == target)
            return peak;
    return {target, kUnknown, kUnknown};
}

// The operations of a row that the peak of its target leaves no time for: Winograd's and a collapsed tail's are not
// computed, and products of q16, or of bf16 in tiles, take less time than those of f32.
double saved_gflop(const Row &row, const Peak &peak) {
    const std::string precision = precision_of(row.target);
    if (precision == "bf16")
        return (row.winograd_gflop + row.pointwise_gflop) * (1 - peak.gflops / peak.tile_gflops) + row.collapsed_gflop;
    const double products = precision == "q16" ? kQ16Products : 1;
    return row.winograd_gflop * (1 - 1 / (kWinogradSaving * products)) + row.pointwise_gflop * (1 - 1 / products) +
           row.collapsed_gflop;
}

}  // namespace

double percentile(std::vector<double> values, double percent) {
    std::sort(values.begin(), values.end());
    const double rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
    return values[static_cast<size_t>(std::max(rank, 1.)) - 1];
}

std::string precision_of(const std::string &target) {
    contract::Target parsed;
    return contract::parse_target(target, parsed) ? std::string(name_of(parsed.type)) : "f32";
}

int lanes_of(const std::string &target) {
    contract::Target parsed;
    return contract::parse_target(target, parsed) && !parsed.on_device() ? facts_of(parsed.isa)->lanes : 0;
}

std::vector<Group> groups_of(const Report &report) {
    std::vector<Group> groups;
    for (const Row &row : report.rows) {
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const Group &g) { return g.model == row.model && g.input == row.input; });
        if (group == groups.end())
            group = groups.insert(group, {row.model, row.input, {}});
        group->rows.push_back(&row);
    }
    return groups;
}

void derive(Report &report) {
    for (Row &row : report.rows) {
        const Row &full = widest(report, row);
        const Peak peak = peak_of(report, row.target);
        const double seconds = row.p50_ms / 1e3;
        row.frames_per_second = 1 / seconds;
        row.effective_gflops = row.gflop / seconds;
        row.peak_share = row.effective_gflops / peak.gflops;
        row.winograd_share = (row.gflop - saved_gflop(row, peak)) / seconds / peak.gflops;
        row.speedup = full.p50_ms / row.p50_ms;
        row.speedup_per_flops = row.speedup / (full.gflop / row.gflop);
    }
}

}  // namespace slimscale::bench
