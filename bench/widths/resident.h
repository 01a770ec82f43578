// The peak of resident memory, which only a process that does nothing else can tell.
#pragma once

#include <cstddef>
#include <string>

#include "base/status.h"
#include "bench/widths/options.h"
#include "bench/widths/report.h"

namespace slimscale::bench {

// Starts this program again, which opens the row's width, plans and runs a frame. On a GPU, the device's memory is not
// in it.
Status measure_resident(const std::string &model, const Row &row, size_t &bytes);

// The other side: prints the peak in bytes. Returns the exit code. Precondition: the options are measure_resident's.
int run_resident_child(const Options &options);

}  // namespace slimscale::bench
