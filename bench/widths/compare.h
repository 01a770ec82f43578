// This run beside an earlier one.
#pragma once

#include <string>

#include "bench/widths/report.h"

namespace slimscale::bench {

// Sets old_over_new of the rows that both have: same model, channels, target and input. Returns what makes the ratios
// doubtful, as a sentence ("": nothing): other machine or threads, no row in common.
std::string compare(Report &report, const Report &old);

}  // namespace slimscale::bench
