#include "runtime/api/pace.h"

#include <algorithm>

namespace slimscale::runtime {

bool Pace::same(const PaceInputs &in) const {
    return in.budget_ms == budget_ms_ && in.percentile == percentile_ && in.count == count_ &&
           std::equal(in.predicted_ms, in.predicted_ms + in.count, predicted_ms_);
}

int Pace::choose(const PaceInputs &in, double now_ms) {
    if (same(in))
        return current_;
    budget_ms_ = in.budget_ms;
    percentile_ = in.percentile;
    count_ = std::min(in.count, kMaxWidths);
    std::copy_n(in.predicted_ms, count_, predicted_ms_);
    std::fill_n(held_, count_, 0.0);
    slowdown_ = 1;
    hold_ms_ = kWatchMs;
    rose_at_ = 0;
    rose_ = false;
    change(most_channels(1, budget_ms_), SLIMSCALE_REASON_PROFILE, now_ms);
    return current_;
}

// The index of the most channels that meet the budget at such a slowdown, or of the fewest if none do.
int Pace::most_channels(double ratio, double budget_ms) const {
    int most = count_ - 1;
    while (most > 0 && predicted_ms_[most] * ratio > budget_ms)
        most--;
    return most;
}

// The most channels that held when the machine was no faster than now, though with little time to spare.
int Pace::most_held() const {
    int most = count_ - 1;
    while (most > 0 && (slowdown_ > kAsBefore * held_[most] || predicted_ms_[most] * slowdown_ > budget_ms_))
        most--;
    return most;
}

void Pace::change(int index, slimscale_reason reason, double now_ms) {
    current_ = index;
    reason_ = reason;
    if (index == 0 && count_ > 1 && predicted_ms_[0] * slowdown_ > budget_ms_)
        reason_ = SLIMSCALE_REASON_FEWEST;
    changed_ms_ = now_ms;
    known_ = 0;
}

// Measured over predicted time at the percentile, over the frames of the last kWatchMs, at least three.
double Pace::recent_ratio(double now_ms) const {
    double ratios[kWindow];
    int count = 0;
    while (count < known_ && (count < 3 || now_ms - sample(count).at_ms <= kWatchMs)) {
        ratios[count] = sample(count).ratio;
        count++;
    }
    if (count == 0)
        return slowdown_;
    const int rank = std::clamp(static_cast<int>(percentile_ / 100 * count), 0, count - 1);
    std::nth_element(ratios, ratios + rank, ratios + count);
    return ratios[rank];
}

void Pace::ended(double now_ms, double took_ms) {
    if (count_ == 0)
        return;
    newest_ = (newest_ + 1) % kWindow;
    samples_[newest_] = {now_ms, took_ms / predicted_ms_[current_], took_ms > budget_ms_};
    known_ = std::min(known_ + 1, kWindow);
    slowdown_ = recent_ratio(now_ms);
    if (now_ms - changed_ms_ >= kHeldMs)
        held_[current_] = slowdown_;
    lower(now_ms);
    rise(now_ms);
}

void Pace::lower(double now_ms) {
    int late = 0, late_of_three = 0;
    double slowest = 0;
    for (int back = 0; back < known_; back++) {
        late += sample(back).late;
        late_of_three += back < 3 && sample(back).late;
        if (back < 3)
            slowest = std::max(slowest, sample(back).ratio);
    }
    const double left = (1 - percentile_ / 100) * known_ + 2;
    if (late_of_three < 2 && late <= left)
        return;
    if (current_ == 0) {
        reason_ = late_of_three >= 2 ? SLIMSCALE_REASON_FEWEST : reason_;
        return;
    }
    const bool lasted = !rose_ || now_ms - rose_ms_ >= kLastingMs;
    hold_ms_ = std::clamp(lasted ? hold_ms_ / 2 : hold_ms_ * 2, kWatchMs, kLongestHoldMs);
    rose_ = false;
    slowdown_ = slowest;
    change(std::min(current_ - 1, most_channels(slowest, budget_ms_)), SLIMSCALE_REASON_SLOWER, now_ms);
}

void Pace::rise(double now_ms) {
    const double since = now_ms - changed_ms_;
    if (current_ == count_ - 1 || known_ < 3 || since < kWatchMs)
        return;
    const int with_spare = std::max(most_channels(slowdown_, kSpare * budget_ms_), most_held());
    const int with_ample = most_channels(slowdown_, kAmpleSpare * budget_ms_);
    const int next = since >= hold_ms_ || slowdown_ <= kFaster * rose_at_ ? with_spare : with_ample;
    if (next <= current_)
        return;
    rose_ = true;
    rose_ms_ = now_ms;
    rose_at_ = slowdown_;
    change(next, SLIMSCALE_REASON_FASTER, now_ms);
}

}  // namespace slimscale::runtime
