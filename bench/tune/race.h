// Finds the fastest of several subjects in little time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/widths/rounds.h"

namespace slimscale::bench {

double median(std::vector<double> values);  // infinity for an empty list

// A few rounds of all subjects, then more rounds of the faster third, and so on until two are left; in each round all
// take turns. Returns the place of the one with the smallest median. Subjects that fail drop out. Precondition: there
// is at least one.
size_t fastest(std::vector<Subject> subjects);

struct Runoff {
    double old_ms, new_ms;  // medians; infinity where a subject failed
    double speedup() const { return old_ms / new_ms; }
};

// Times two subjects in many rounds of turns.
Runoff run_off(Subject old, Subject candidate);

}  // namespace slimscale::bench
