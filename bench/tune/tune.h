// The search for one block's blocking.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"
#include "bench/tune/subject.h"

namespace slimscale::bench {

// The factor by which a new blocking must be faster than the old one in the last run-off. Less is noise, and a table
// should not change with every run.
constexpr double kMargin = 1.02;

struct Settings {
    std::string cache;
    int width = 320, height = 64;  // of a band of a frame, whose 80 tiles are no whole number of long strips
    int jobs = 2;                  // compilers at a time
    int threads = 2;               // of timed calls; with one thread its own running time is measured
};

struct Outcome {
    schedules::Blocking blocking;  // the old one, unless another is faster by kMargin
    double old_ms = 0, new_ms = 0;
    size_t timed = 0, refused = 0;
    bool changed = false;
};

// Tries neighbours of the best blocking so far, then the neighbours of the best among them, until none is better or
// about `seconds` are over. At least one candidate is tried. Calls `say` with what is going on.
Result<Outcome> tune(const Job &job, const schedules::Blocking &old, const Settings &settings, double seconds,
                     const std::function<void(const std::string &)> &say);

}  // namespace slimscale::bench
