// Pipelines compiled to objects like those of archives, linked and loaded into this process.
#pragma once

#include <string>

#include "base/status.h"
#include "bench/blocks/call.h"
#include "compiler/compile.h"

namespace slimscale::bench {

// Compiles Halide's runtime into `folder` and loads it, once for all pipelines of this process. They then use `threads`
// threads, and scratch that is kept between calls, as the runtime's arenas are.
Status open_halide_runtime(const std::string &folder, int threads);

// A forked child has none of its parent's threads: there, calls must run serially.
void run_serially();

// What a failed call said; "" if none failed.
std::string call_error();

// From a compiled object to a shared library beside it.
Status link_pipeline(const generators::Object &object, const std::string &library);

// Stays loaded.
Result<Entry> load_pipeline(const std::string &library, const std::string &function);

}  // namespace slimscale::bench
