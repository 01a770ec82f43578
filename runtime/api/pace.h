// Channels that hold a time per frame on a machine whose speed changes: load, throttling and smaller clocks make every
// channel count slower by about one factor, which measured frames tell. Pure arithmetic; time is an argument.
//
// - The profile chooses the start.
// - Two late frames among the last three, or over two more than the percentile allows among the last hundred, lower the
//   channels at once, to those that the slowest of the last three leaves time for.
// - The channels rise again when all that was measured in the last kWatchMs leaves a seventh of the time at more of
//   them, or is no slower than when more of them held for a second.
//   A rise that did not last makes the next one wait twice as long, unless far more time is left, or frames have
//   become clearly faster than they were before that rise: then the load has ended.
#pragma once

#include "runtime/executor/frame_plan.h"

namespace slimscale::runtime {

// The request, and the profile's prediction for each channel count, ascending.
struct PaceInputs {
    double budget_ms;
    double percentile;  // of frames that are to meet it, 0 to 100
    const double *predicted_ms;
    int count;
};

class Pace {
public:
    static constexpr double kWatchMs = 400, kLongestHoldMs = 32'000, kLastingMs = 10'000;
    static constexpr double kSpare = 0.85, kAmpleSpare = 0.7;  // most share of the time that permits a rise
    static constexpr double kFaster = 0.9;  // of the slowdown before a rise that did not last: it is another load
    static constexpr double kHeldMs = 1000, kAsBefore = 1.05;  // held for so long; no slower than so many times that
    static constexpr int kWindow = 100;                        // frames

    // Whether choose() goes on from what was measured before.
    bool same(const PaceInputs &inputs) const;
    // Returns the index of the channels to run. Begins anew if the inputs change.
    int choose(const PaceInputs &inputs, double now_ms);
    // A frame of the chosen channels ended at now_ms and took took_ms.
    void ended(double now_ms, double took_ms);

    slimscale_reason reason() const { return reason_; }
    // Measured over predicted time, at the percentile of what was measured lately; 1 before the first frame.
    double slowdown() const { return slowdown_; }

private:
    struct Sample {
        double at_ms, ratio;
        bool late;
    };

    const Sample &sample(int back) const { return samples_[(newest_ + kWindow - back) % kWindow]; }
    double recent_ratio(double now_ms) const;
    int most_channels(double ratio, double budget_ms) const;
    int most_held() const;
    void lower(double now_ms);
    void rise(double now_ms);
    void change(int index, slimscale_reason reason, double now_ms);

    double budget_ms_ = 0, percentile_ = 0;
    double predicted_ms_[kMaxWidths] = {};
    int count_ = 0, current_ = 0;
    slimscale_reason reason_ = SLIMSCALE_REASON_PROFILE;
    double slowdown_ = 1;
    double held_[kMaxWidths] = {};  // the slowdown at which these channels held last; 0: they have not
    double changed_ms_ = 0, rose_ms_ = 0, hold_ms_ = kWatchMs;
    double rose_at_ = 0;  // the slowdown before the last rise
    bool rose_ = false;
    Sample samples_[kWindow] = {};
    int known_ = 0, newest_ = 0;  // samples since the last change
};

}  // namespace slimscale::runtime
