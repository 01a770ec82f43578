// Child processes: other programs, and forks of this one that do several tasks at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

// Runs a program (looked up on PATH) in `folder` and waits. If it does not exit with 0, the error has the first line of
// its standard error with "error:" in it, or else the last line. `output` and `messages` receive its standard output
// and standard error, unless they are null.
Status run_command(const std::vector<std::string> &command, const std::string &folder, std::string *output = nullptr,
                   std::string *messages = nullptr);

// The number of tasks to run at a time: `wanted`, or one per processor that this process may use if that is 0.
int job_count(int wanted);

// Calls task(0) ... task(count - 1) in forked children, `jobs` at a time, and done(index) in this process after each
// success. Tasks run in children because Halide and LLVM may abort or keep memory, and use one core each. After the
// first failure no task is started; its error is returned when the running tasks have ended.
Status run_forked(size_t count, int jobs, const std::function<Status(size_t)> &task,
                  const std::function<void(size_t)> &done);

}  // namespace slimscale::generators
