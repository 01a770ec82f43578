// Compares a run with an earlier one.
#pragma once

#include <string>

#include "bench/widths/report.h"

namespace slimscale::bench {

// Sets old_over_new of the rows that both have, by model, channels, target and input. Returns a sentence that says why
// the ratios are doubtful (another machine or number of threads, no row in common), or "".
std::string compare(Report &report, const Report &old);

}  // namespace slimscale::bench
