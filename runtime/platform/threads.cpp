#include "runtime/platform/threads.h"

#include <unistd.h>

#include <algorithm>

namespace slimscale::runtime {

bool Threads::start(const slimscale_allocator &allocator, int workers) {
    workers_ = std::max(1, workers);
    process_ = getpid();
    const size_t share_bytes = Stages::bytes(workers_);
    if (!memory_.allocate(allocator, share_bytes + sizeof(Helper) * static_cast<size_t>(workers_ - 1)))
        return false;
    stages_.use(memory_.data(), workers_);
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
    for (uint64_t seen = 0; h->threads->stages_.help(h->worker, seen);) {
    }
    return nullptr;
}

void Threads::run(const StagedWork &work) {
    forked();
    stages_.begin(work);
    stages_.work(0);
}

namespace {

// One loop, in stages of as many indices as one may have.
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
