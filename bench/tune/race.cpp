#include "bench/tune/race.h"

#include <algorithm>
#include <limits>

namespace slimscale::bench {

namespace {

constexpr int kFirstRounds = 3;  // of the first stage; each stage has twice as many as the one before
constexpr size_t kKeptShare = 3;
constexpr double kTurnMs = 15;
constexpr int kRunoffRounds = 21;
constexpr double kRunoffTurnMs = 30;

double time_of(const Subject &subject) {
    return subject.status ? median(subject.ms) : std::numeric_limits<double>::infinity();
}

struct Racer {
    size_t place;
    Subject subject;
};

void run_stage(std::vector<Racer> &racers, int rounds) {
    std::vector<Subject> subjects;
    for (Racer &racer : racers) {
        racer.subject.ms.clear();
        subjects.push_back(std::move(racer.subject));
    }
    time_in_turns(subjects, {0, rounds, nullptr, kTurnMs});
    for (size_t i = 0; i < racers.size(); i++)
        racers[i].subject = std::move(subjects[i]);
    std::stable_sort(racers.begin(), racers.end(),
                     [](const Racer &a, const Racer &b) { return time_of(a.subject) < time_of(b.subject); });
}

}  // namespace

double median(std::vector<double> values) {
    if (values.empty())
        return std::numeric_limits<double>::infinity();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

size_t fastest(std::vector<Subject> subjects) {
    std::vector<Racer> racers;
    for (size_t i = 0; i < subjects.size(); i++)
        racers.push_back({i, std::move(subjects[i])});
    for (int rounds = kFirstRounds; racers.size() > 1; rounds *= 2) {
        run_stage(racers, rounds);
        const size_t kept = racers.size() == 2 ? 1 : std::max<size_t>(2, racers.size() / kKeptShare);
        racers.resize(kept);
    }
    return racers.front().place;
}

Runoff run_off(Subject old, Subject candidate) {
    std::vector<Subject> both{std::move(old), std::move(candidate)};
    time_in_turns(both, {0, kRunoffRounds, nullptr, kRunoffTurnMs});
    return {time_of(both[0]), time_of(both[1])};
}

}  // namespace slimscale::bench
