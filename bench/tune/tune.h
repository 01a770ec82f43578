// The search for one block's blocking.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"
#include "bench/tune/subject.h"

namespace slimscale::bench {

// What a new blocking must be faster by, in the last run-off against the old one: less is noise, and a table that
// changes with every run teaches nothing.
constexpr double kMargin = 1.02;

struct Settings {
    std::string cache;
    int width = 320, height = 64;  // a band of a frame: 80 tiles are no whole number of long strips
    int jobs = 2;                  // compilers at a time
    int threads = 2;               // of timed calls; the time that a single one runs is measured, not the clock's
};

struct Outcome {
    schedules::Blocking blocking;  // the old one unless another is faster by kMargin
    double old_ms = 0, new_ms = 0;
    size_t timed = 0, refused = 0;
    bool changed = false;
};

// Looks at neighbours of the best so far, then at the neighbours of the best among them, until none is better or about
// `seconds` are over; at least one candidate is tried. `say` is told what is going on.
Result<Outcome> tune(const Job &job, const schedules::Blocking &old, const Settings &settings, double seconds,
                     const std::function<void(const std::string &)> &say);

}  // namespace slimscale::bench
