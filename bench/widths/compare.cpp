#include "bench/widths/compare.h"

namespace slimscale::bench {
namespace {

bool same_work(const Row &a, const Row &b) {
    return a.model == b.model && a.channels == b.channels && a.target == b.target && a.input == b.input;
}

const Row *find(const Report &report, const Row &row) {
    for (const Row &other : report.rows)
        if (same_work(other, row))
            return &other;
    return nullptr;
}

}  // namespace

std::string compare(Report &report, const Report &old) {
    int common = 0;
    for (Row &row : report.rows)
        if (const Row *before = find(old, row)) {
            row.old_over_new = before->p50_ms / row.p50_ms;
            common++;
        }
    if (common == 0)
        return "the old report has no row in common with this one";
    if (old.machine != report.machine)
        return "the old report comes from another machine: " + old.machine;
    if (old.threads != report.threads)
        return "the old report has another number of threads: " + std::to_string(old.threads);
    return "";
}

}  // namespace slimscale::bench
