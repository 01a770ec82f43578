// Pipelines compiled to objects like those of archives, linked and loaded into this process.
#pragma once

#include <string>

#include "base/status.h"
#include "bench/blocks/call.h"
#include "compiler/compile.h"

namespace slimscale::bench {

// Compiles Halide's runtime into `folder` and loads it, once for all pipelines of this process. They then use `threads`
// threads, and keep scratch between calls as the runtime's arenas do.
Status open_halide_runtime(const std::string &folder, int threads);

// Makes calls run serially. A forked child must call this, as it has none of its parent's threads.
void run_serially();

// The message of the last failed call; "" if none failed.
std::string call_error();

// Links a compiled object to a shared library.
Status link_pipeline(const generators::Object &object, const std::string &library);

// Loads a library, which stays loaded, and returns the entry of a pipeline in it.
Result<Entry> load_pipeline(const std::string &library, const std::string &function);

}  // namespace slimscale::bench
