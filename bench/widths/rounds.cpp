#include "bench/widths/rounds.h"

namespace slimscale::bench {
namespace {

constexpr double kLongMs = 250;

// Returns the milliseconds that the turn took, or those until it failed.
double take_turn(Subject &subject, double turn_ms) {
    double all_ms = 0, timed_ms = 0, ms = 0;
    if (subject.ms.empty() || subject.ms.back() < kLongMs) {
        subject.status = subject.frame(ms);
        all_ms += ms;
    }
    while (subject.status && timed_ms < turn_ms) {
        subject.status = subject.frame(ms);
        if (!subject.status)
            break;
        subject.ms.push_back(ms);
        timed_ms += ms;
    }
    return all_ms + timed_ms;
}

}  // namespace

void time_in_turns(std::vector<Subject> &subjects, const Rounds &rounds) {
    double spent_ms = 0;
    for (int round = 0; round < rounds.least || spent_ms < rounds.seconds * 1e3; round++) {
        if (rounds.before)
            rounds.before(round);
        double round_ms = 0;
        for (size_t i = 0; i < subjects.size(); i++) {
            Subject &subject = subjects[(i + static_cast<size_t>(round)) % subjects.size()];
            if (subject.status)
                round_ms += take_turn(subject, rounds.turn_ms);
        }
        if (round_ms == 0)
            return;  // no subject is left
        spent_ms += round_ms;
    }
}

}  // namespace slimscale::bench
