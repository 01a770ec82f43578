// Times subjects in turns, so that a busy moment of the machine affects all alike.
#pragma once

#include <functional>
#include <vector>

#include "base/status.h"

namespace slimscale::bench {

struct Subject {
    std::function<Status(double &ms)> frame;  // runs one frame
    std::vector<double> ms;                   // the times of the timed frames
    Status status;                            // of the last frame; after a failure the subject takes no more turns
};

struct Rounds {
    double seconds = 10;                    // for frames, including untimed ones
    int least = 5;                          // the least number of rounds, however long they take
    std::function<void(int round)> before;  // may be empty
    double turn_ms = 50;                    // for one subject's timed frames in one round
};

// A turn is an untimed frame, which fills the caches that the others used, then timed frames for turn_ms, at least one.
// A subject whose frames take longer than 250 ms has an untimed frame in its first turn only. Each round begins with
// another subject.
void time_in_turns(std::vector<Subject> &subjects, const Rounds &rounds);

}  // namespace slimscale::bench
