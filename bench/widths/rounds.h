// Subjects timed in turns, so that a busy moment of the machine hits all alike.
#pragma once

#include <functional>
#include <vector>

#include "base/status.h"

namespace slimscale::bench {

struct Subject {
    std::function<Status(double &ms)> frame;  // runs one frame
    std::vector<double> ms;                   // what was timed
    Status status;  // of the last frame; after one that failed the subject takes no more turns
};

struct Rounds {
    double seconds = 10;                    // of frames, the untimed ones included
    int least = 5;                          // rounds, whatever they take
    std::function<void(int round)> before;  // may be empty
    double turn_ms = 50;                    // of one subject's timed frames in one round
};

// A turn is an untimed frame, which brings back the caches that the others used, then frames for turn_ms and at least
// one. Frames longer than 250 ms need none to warm up, but for the first. Each round begins with another subject.
void time_in_turns(std::vector<Subject> &subjects, const Rounds &rounds);

}  // namespace slimscale::bench
