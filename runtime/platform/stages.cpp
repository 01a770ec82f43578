#include "runtime/platform/stages.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <new>

#include "base/processors.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

namespace {

using base::kCpuSets;

// Stages of one frame follow each other within microseconds and a wake-up costs tens of them: so a worker waits a
// little before it sleeps, and no longer, since somebody else may need its processor.
constexpr int64_t kSpinNs = 50'000;
constexpr int kPausesPerLook = 16;      // at the clock
constexpr int64_t kMoveNs = 5'000'000;  // between a thread's moves to other processors

void pause_processor() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

int64_t now_ns() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// Spins for at most kSpinNs. True if `done` became true.
template <typename Done>
bool spin_until(Done done) {
    if (done())
        return true;
    const int64_t end = now_ns() + kSpinNs;
    do {
        for (int i = 0; i < kPausesPerLook; i++) {
            pause_processor();
            if (done())
                return true;
        }
    } while (now_ns() < end);
    return false;
}

constexpr uint64_t kOpen = 1;

// How often a thread was taken off its processor, or gave it up by sched_yield, while it had work.
long times_switched() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

// A thread that shares its processor is taken off it in the middle of a task when its time is over, and workers that
// need that task's rows wait milliseconds until it is back. Therefore it gives the processor up earlier, between two
// tasks, where it delays nobody. It learns how long it may keep the processor from when it was taken off; a thread that
// has a processor alone is never taken off, and gives up nothing.
class Turn {
public:
    // Between two tasks. True: it has looked, which it does a few thousand times a second.
    bool between_tasks() {
        const int64_t now = now_ns();
        if (now - looked_ < kLookNs)
            return false;
        if (!pthread_equal(thread_, pthread_self()))  // callers' pools may give a worker to any thread
            begin(now);
        const long switches = times_switched();
        if (switches != switches_) {
            length_ = std::max(kShortestNs, std::min(length_, (looked_ - began_) / 4 * 3));
            shared_until_ = now + kSharedNs;
            began_ = now;
        } else if (now < shared_until_ && now - began_ >= length_) {
            give_up(now);
            return true;
        }
        switches_ = switches;
        looked_ = now;
        return true;
    }

    void slept() { began_ = looked_ = now_ns(); }

private:
    static constexpr int64_t kLookNs = 200'000;  // a look costs a third of a microsecond
    static constexpr int64_t kShortestNs = 500'000, kFirstNs = 2'000'000, kLongestNs = 8'000'000;  // turns
    static constexpr int64_t kSharedNs = 100'000'000;  // so long after it was seen, the processor counts as shared
    static constexpr int64_t kGaveUpNs = 50'000;       // a yield that takes so long gave somebody else a turn

    void begin(int64_t now) {
        thread_ = pthread_self();
        switches_ = times_switched();
        length_ = kFirstNs;
        shared_until_ = 0;
        began_ = now;
    }
    void give_up(int64_t now) {
        sched_yield();
        began_ = looked_ = now_ns();
        switches_ = times_switched();
        if (looked_ - now >= kGaveUpNs) {
            shared_until_ = looked_ + kSharedNs;
            length_ = std::min(kLongestNs, length_ + length_ / 16);
        }
    }

    pthread_t thread_{};
    long switches_ = 0;
    int64_t began_ = 0, looked_ = 0, shared_until_ = 0, length_ = kFirstNs;
};

constexpr uint64_t number_of(uint64_t stage) {
    return stage >> 1;
}

}  // namespace

// One worker's indices of a stage that nobody has claimed: the stage number's low half, end and next. They are one
// word, so that a worker that comes late to a stage claims nothing of a later one, unless it sleeps through 2^32
// stages.
struct alignas(kAlignment) Stages::Share {
    std::atomic<uint64_t> word{0};
    std::atomic<int> processor{-1};  // the processor that the worker was seen on last
    int64_t moved_ns = 0;            // when it moved away from another one
    alignas(kAlignment) Turn turn;

    static constexpr uint64_t of(uint64_t stage, int next, int end) {
        return number_of(stage) << 32 | static_cast<uint64_t>(end) << 16 | static_cast<uint64_t>(next);
    }
    bool claim(uint64_t stage, int &index) {
        for (uint64_t now = word.load(std::memory_order_acquire);;) {
            const int next = static_cast<int>(now & 0xffff), end = static_cast<int>(now >> 16 & 0xffff);
            if (now >> 32 != (number_of(stage) & 0xffffffff) || next >= end)
                return false;
            if (word.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
                index = next;
                return true;
            }
        }
    }
};

size_t Stages::bytes(int workers) {
    return sizeof(Share) * static_cast<size_t>(workers);
}

void Stages::use(void *memory, int workers) {
    workers_ = active_ = workers;
    stopping_ = false;
    shares_ = static_cast<Share *>(memory);
    for (int i = 0; i < workers; i++)
        new (&shares_[i]) Share();
}

void Stages::renew() {
    mutex_ = PTHREAD_MUTEX_INITIALIZER;
    opened_ = changed_ = joined_ = PTHREAD_COND_INITIALIZER;
    idle_ = waiting_ = 0;
}

// Schedulers wake a thread on the processor of the one that wakes it, and may leave two threads of a process on one
// processor for seconds if a third thread has the other. A worker that is on an earlier worker's processor moves to one
// that none of them is on, if it may.
void Stages::move_apart(int worker) {
    Share &share = shares_[worker];
    const int here = sched_getcpu();
    share.processor.store(here, std::memory_order_relaxed);
    bool clash = false;
    for (int w = 0; w < worker; w++)
        clash = clash || shares_[w].processor.load(std::memory_order_relaxed) == here;
    const int64_t now = clash ? now_ns() : 0;
    cpu_set_t allowed[kCpuSets], one[kCpuSets];
    if (!clash || now - share.moved_ns < kMoveNs || sched_getaffinity(0, sizeof allowed, allowed) != 0)
        return;
    share.moved_ns = now;
    for (int p = 0; p < kCpuSets * CPU_SETSIZE; p++) {
        bool taken = !CPU_ISSET_S(static_cast<size_t>(p), sizeof allowed, allowed);
        for (int w = 0; w < workers_ && !taken; w++)
            taken = shares_[w].processor == p;
        if (taken)
            continue;
        CPU_ZERO_S(sizeof one, one);
        CPU_SET_S(static_cast<size_t>(p), sizeof one, one);
        if (sched_setaffinity(0, sizeof one, one) == 0)
            sched_setaffinity(0, sizeof allowed, allowed);
        share.processor.store(p, std::memory_order_relaxed);
        return;
    }
}

void Stages::look_around(int worker, bool may_move) {
    if (!shares_[worker].turn.between_tasks())
        return;
    if (may_move)
        move_apart(worker);
    else
        shares_[worker].processor.store(sched_getcpu(), std::memory_order_relaxed);
}

bool Stages::claim(uint64_t stage, int worker, int &index) {
    for (int k = 0; k < workers_; k++)
        if (shares_[(worker + k) % workers_].claim(stage, index))
            return true;
    return false;
}

// A sleeper counts itself before it looks at the stage a last time, and the stage is set before sleepers are counted,
// so that one of both sees the other.
void Stages::publish(uint64_t stage, bool open) {
    stage_.store(stage << 1 | (open ? kOpen : 0));
    const bool wake_idle = open && idle_.load() > 0, wake_waiting = waiting_.load() > 0;
    if (!wake_idle && !wake_waiting)
        return;
    pthread_mutex_lock(&mutex_);
    if (wake_idle)
        pthread_cond_broadcast(&opened_);
    if (wake_waiting)
        pthread_cond_broadcast(&changed_);
    pthread_mutex_unlock(&mutex_);
}

// Sets up stage number `stage`, or the end.
void Stages::set_up(uint64_t stage) {
    const int count = work_.next(work_.data);
    if (count > 0) {
        left_.store(count, std::memory_order_relaxed);
        const int active = active_;
        for (int w = 0; w < active; w++) {
            const auto begin_of = [&](int worker) { return static_cast<int>(int64_t{count} * worker / active); };
            shares_[w].word.store(Share::of(stage << 1, begin_of(w), begin_of(w + 1)), std::memory_order_release);
        }
    }
    publish(stage, count > 0);
}

void Stages::begin(const StagedWork &work, int active) {
    work_ = work;
    if (active != active_) {
        pthread_mutex_lock(&mutex_);
        active_ = active;
        pthread_cond_broadcast(&joined_);
        pthread_mutex_unlock(&mutex_);
    }
    if (active > 1)  // as a rule it is worker 0 that begins
        shares_[0].processor.store(sched_getcpu(), std::memory_order_relaxed);
    set_up(number_of(stage_.load()) + 1);
}

// Runs tasks of the stage while there are any; the worker that ends the last one sets up the next stage.
void Stages::take_tasks(uint64_t stage, int worker, bool may_move) {
    int index = 0;
    while (claim(stage, worker, index)) {
        work_.task(work_.data, index, worker);
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            set_up(number_of(stage) + 1);
        look_around(worker, may_move);
    }
}

void Stages::work(int worker) {
    for (uint64_t stage = stage_.load(); stage & kOpen;) {
        take_tasks(stage, worker, /*may_move=*/false);
        stage = wait_for_change(stage, worker);
    }
}

bool Stages::help(int worker, uint64_t &seen) {
    const uint64_t stage = wait_for_work(seen, worker);
    if (stopping_)
        return false;
    seen = stage;
    take_tasks(stage, worker, /*may_move=*/true);
    return true;
}

uint64_t Stages::wait_for_change(uint64_t seen, int worker) {
    if (!spin_until([&] { return stage_.load() != seen; })) {
        pthread_mutex_lock(&mutex_);
        waiting_++;
        while (stage_.load() == seen)
            pthread_cond_wait(&changed_, &mutex_);
        waiting_--;
        pthread_mutex_unlock(&mutex_);
        shares_[worker].turn.slept();
    }
    return stage_.load();
}

uint64_t Stages::wait_for_work(uint64_t seen, int worker) {
    uint64_t stage = 0;
    const auto there = [&] {
        stage = stage_.load();  // before active_, which is set before the stage
        return ((stage & kOpen) && stage != seen && worker < active_) || stopping_;
    };
    if (worker >= active_ || !spin_until(there)) {
        pthread_mutex_lock(&mutex_);
        while (!there()) {
            if (worker >= active_) {
                pthread_cond_wait(&joined_, &mutex_);
                continue;
            }
            idle_++;
            if (!there())
                pthread_cond_wait(&opened_, &mutex_);
            idle_--;
        }
        pthread_mutex_unlock(&mutex_);
        shares_[worker].turn.slept();
        move_apart(worker);
    }
    return stage;
}

void Stages::stop() {
    pthread_mutex_lock(&mutex_);
    stopping_ = true;
    pthread_cond_broadcast(&opened_);
    pthread_cond_broadcast(&joined_);
    pthread_mutex_unlock(&mutex_);
}

}  // namespace slimscale::runtime
