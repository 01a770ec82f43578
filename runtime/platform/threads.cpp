#include "runtime/platform/threads.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace slimscale::runtime {

namespace {

// Loops of one frame follow each other within microseconds, a wake-up costs tens of them: so wait a little before
// sleep.
constexpr int kSpins = 4000;

inline void pause_processor() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

bool Threads::start(const slimscale_allocator &allocator, int workers) {
    workers_ = std::max(1, workers);
    if (workers_ == 1)
        return true;
    const size_t range_bytes = sizeof(WorkRange) * static_cast<size_t>(workers_);
    if (!helpers_.allocate(allocator, range_bytes + sizeof(Helper) * static_cast<size_t>(workers_ - 1)))
        return false;
    ranges_ = reinterpret_cast<WorkRange *>(helpers_.data());
    for (int i = 0; i < workers_; i++)
        new (&ranges_[i]) WorkRange();
    Helper *helpers = all_helpers();
    for (started_ = 0; started_ < workers_ - 1; started_++) {
        Helper &h = helpers[started_];
        h.threads = this;
        h.worker = started_ + 1;
        if (pthread_create(&h.thread, nullptr, &Threads::helper, &h) != 0) {
            stop();
            return false;
        }
    }
    return true;
}

void Threads::stop() {
    pthread_mutex_lock(&mutex_);
    stopping_ = true;
    pthread_cond_broadcast(&wake_);
    pthread_mutex_unlock(&mutex_);
    Helper *helpers = all_helpers();
    for (int i = 0; i < started_; i++)
        pthread_join(helpers[i].thread, nullptr);
    started_ = 0;
    helpers_.release();
}

void *Threads::helper(void *argument) {
    auto *h = static_cast<Helper *>(argument);
    h->threads->help(h->worker);
    return nullptr;
}

// Every helper takes part in every generation: run() waits for all of them, so that none still reads the task of a loop
// that is over.
void Threads::help(int worker) {
    for (unsigned seen = 0;;) {
        for (int spins = 0; generation_.load() == seen && !stopping_ && spins < kSpins; spins++)
            pause_processor();
        if (generation_.load() == seen) {
            pthread_mutex_lock(&mutex_);
            sleeping_++;
            while (generation_.load() == seen && !stopping_)
                pthread_cond_wait(&wake_, &mutex_);
            sleeping_--;
            pthread_mutex_unlock(&mutex_);
        }
        if (stopping_)
            return;
        seen++;
        work(worker);
        busy_.fetch_sub(1);
    }
}

void Threads::work(int worker) {
    for (int k = 0; k < workers_; k++) {
        WorkRange &s = ranges_[(worker + k) % workers_];
        for (int i = s.next.fetch_add(1); i < s.end; i = s.next.fetch_add(1))
            task_(task_data_, i, worker);
    }
}

void Threads::run(void *self, int count, void (*task)(void *, int, int), void *task_data) {
    auto &t = *static_cast<Threads *>(self);
    if (t.started_ == 0 || count == 1) {
        for (int i = 0; i < count; i++)
            task(task_data, i, 0);
        return;
    }
    t.task_ = task;
    t.task_data_ = task_data;
    for (int w = 0; w < t.workers_; w++) {
        const auto begin_of = [&](int worker) { return static_cast<int>(int64_t{count} * worker / t.workers_); };
        t.ranges_[w].next = begin_of(w);
        t.ranges_[w].end = begin_of(w + 1);
    }
    t.busy_ = t.started_;
    t.generation_.fetch_add(1);
    if (t.sleeping_.load() > 0) {
        pthread_mutex_lock(&t.mutex_);
        pthread_cond_broadcast(&t.wake_);
        pthread_mutex_unlock(&t.mutex_);
    }
    t.work(0);
    for (int spins = 0; t.busy_.load() > 0; spins++)
        if (spins < kSpins)
            pause_processor();
        else
            sched_yield();
}

}  // namespace slimscale::runtime
