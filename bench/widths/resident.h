// The peak of resident memory, which only a process that does nothing else can measure.
#pragma once

#include <cstddef>
#include <string>

#include "base/status.h"
#include "bench/widths/options.h"
#include "bench/widths/report.h"

namespace slimscale::bench {

// Starts this program again, which opens the row's width, plans and runs a frame of `format` (as Options has it). The
// memory of a GPU is not counted.
Status measure_resident(const std::string &model, const std::string &format, const Row &row, size_t &bytes);

// What that program does: prints the peak in bytes and returns the exit code. Precondition: the options are those that
// measure_resident gives.
int run_resident_child(const Options &options);

}  // namespace slimscale::bench
