// Child processes: other programs run to their end, and our own work forked, several at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

// Runs a program (looked up on PATH) in `folder` and waits. The error of one that did not exit with 0 has the last line
// that it wrote. Its standard output goes to `output`, its standard error to `messages` if given.
Status run_command(const std::vector<std::string> &command, const std::string &folder, std::string *output = nullptr,
                   std::string *messages = nullptr);

// The number of tasks to run at a time: `wanted`, or one per core if that is 0.
int job_count(int wanted);

// Calls task(0) ... task(count - 1) in forked children, `jobs` at a time, and done(index) here after each success.
// Children, because Halide and LLVM may abort or keep memory, and use one core each. The first failure starts no more
// tasks; its sentence is returned when the running ones have ended.
Status run_forked(size_t count, int jobs, const std::function<Status(size_t)> &task,
                  const std::function<void(size_t)> &done);

}  // namespace slimscale::generators
