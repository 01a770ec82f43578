// The report as tables, for the Markdown on the terminal and for the page.
#pragma once

#include <string>

#include "base/table.h"
#include "bench/widths/report.h"

namespace slimscale::bench {

// One line per row; columns for which no row has a figure are left out.
base::Table table_of(const Group &group);

// "AMD EPYC, 2 threads (pinned), slimscale 0.1.0, 2026-11-24T13:00:00Z"
std::string conditions(const Report &report);

// "Multiply-add peak of these threads, measured: avx2 225 GF/s, ..."; "" if none was measured.
std::string peaks_text(const Report &report);

// "edsr_small_x2 on cuda: <sentence>"
std::string text_of(const Skipped &skipped);

std::string to_markdown(const Report &report);

}  // namespace slimscale::bench
