#include "runtime/platform/threads.h"

#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include "base/processors.h"

namespace slimscale::runtime {

using base::kCpuSets;

namespace {

constexpr int64_t kCountNs = 10'000'000;  // processors are counted again after so long

int64_t coarse_now_ns() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

void ThreadSettings::apply() const {
    pthread_setname_np(pthread_self(), name);
    if (processor < 0)
        return;
    cpu_set_t one[kCpuSets];
    CPU_ZERO_S(sizeof one, one);
    CPU_SET_S(static_cast<size_t>(processor), sizeof one, one);
    sched_setaffinity(0, sizeof one, one);
}

const int *ThreadOptions::unusable() const {
    cpu_set_t allowed[kCpuSets];
    if (processor_count == 0 || sched_getaffinity(0, sizeof allowed, allowed) != 0)
        return nullptr;
    for (int i = 0; i < processor_count; i++)
        if (processors[i] < 0 || processors[i] >= kCpuSets * CPU_SETSIZE ||
            !CPU_ISSET_S(static_cast<size_t>(processors[i]), sizeof allowed, allowed))
            return &processors[i];
    return nullptr;
}

ThreadSettings ThreadOptions::of(int thread) const {
    ThreadSettings settings;
    if (processor_count > 0)
        settings.processor = processors[thread % processor_count];
    char number[12];
    const int digits = std::snprintf(number, sizeof number, "/%d", thread);
    std::snprintf(settings.name, sizeof settings.name, "%.*s%s", static_cast<int>(sizeof settings.name) - 1 - digits,
                  name ? name : "slimscale", number);
    return settings;
}

bool start_thread(pthread_t &thread, void *(*main)(void *), void *argument) {
    sigset_t blocked, before;
    sigfillset(&blocked);
    // What a thread's own faults raise, and a profiler's ticks, which are for the thread that runs.
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGPROF})
        sigdelset(&blocked, signal);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);  // which the new thread inherits
    const bool started = pthread_create(&thread, nullptr, main, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

bool Threads::start(const slimscale_allocator &allocator, int workers, const ThreadOptions &options) {
    workers_ = active_ = std::max(1, workers);
    counted_ns_ = 0;
    process_ = getpid();
    pinned_ = options.processor_count > 0;
    const size_t share_bytes = Stages::bytes(workers_);
    if (!memory_.allocate(allocator, share_bytes + sizeof(Helper) * static_cast<size_t>(workers_ - 1)))
        return false;
    stages_.use(memory_.data(), workers_);
    Helper *helpers = all_helpers();
    for (started_ = 0; started_ < workers_ - 1; started_++) {
        Helper &h = helpers[started_];
        new (&h) Helper{this, started_ + 1, options.of(started_ + 1), {}, {}};
        if (!start_thread(h.thread, &Threads::helper, &h)) {
            stop();
            return false;
        }
    }
    return true;
}

// A child of fork has no helpers, and must not touch locks that one of the parent's may have held.
bool Threads::forked() {
    if (started_ == 0 || getpid() == process_)
        return false;
    stages_.renew();
    started_ = 0;
    return true;
}

void Threads::stop() {
    if (started_ > 0 && !forked()) {
        stages_.stop();
        Helper *helpers = all_helpers();
        for (int i = 0; i < started_; i++)
            pthread_join(helpers[i].thread, nullptr);
    }
    started_ = 0;
    memory_.release();
}

void *Threads::helper(void *argument) {
    auto *h = static_cast<Helper *>(argument);
    h->settings.apply();
    h->id = gettid();
    for (uint64_t seen = 0; h->threads->stages_.help(h->worker, seen);) {
    }
    return nullptr;
}

// Workers that are more than the processors that they may use would only take each other's in the middle of a task. All
// helpers start with the same mask, so the first one stands for the others; the caller has its own.
void Threads::count_active() {
    if (workers_ == 1 || pinned_)
        return;
    const int64_t now = coarse_now_ns();
    if (counted_ns_ != 0 && now - counted_ns_ < kCountNs)
        return;
    cpu_set_t caller[kCpuSets], helper[kCpuSets];
    const pid_t id = started_ > 0 ? all_helpers()[0].id.load() : 0;
    if (sched_getaffinity(0, sizeof caller, caller) != 0)
        return;
    if (id != 0 && sched_getaffinity(id, sizeof helper, helper) == 0)
        CPU_OR_S(sizeof caller, caller, caller, helper);
    active_ = std::clamp(CPU_COUNT_S(sizeof caller, caller), 1, workers_);
    counted_ns_ = now;
}

void Threads::run(const StagedWork &work) {
    forked();
    count_active();
    stages_.begin(work, active_);
    stages_.work(0);
}

namespace {

// One loop, cut into stages of at most as many indices as a stage may have.
struct Loop {
    void (*task)(void *, int, int);
    void *data;
    int begin, end, count;

    static int next(void *self) {
        auto &loop = *static_cast<Loop *>(self);
        loop.begin = loop.end;
        loop.end = std::min(loop.count, loop.begin + Stages::kMostTasks);
        return loop.end - loop.begin;
    }
    static void run(void *self, int index, int worker) {
        const auto &loop = *static_cast<Loop *>(self);
        loop.task(loop.data, loop.begin + index, worker);
    }
};

}  // namespace

void Threads::run(void *self, int count, void (*task)(void *, int, int), void *task_data) {
    auto &t = *static_cast<Threads *>(self);
    if (t.started_ == 0 || count == 1) {
        for (int i = 0; i < count; i++)
            task(task_data, i, 0);
        return;
    }
    Loop loop{task, task_data, 0, 0, count};
    t.run({&loop, &Loop::next, &Loop::run});
}

}  // namespace slimscale::runtime
