// The library's own threads, for callers who bring no pool: one caller and workers - 1 helpers per handle. Helpers
// sleep between frames and take part in what the caller begins (stages.h); the caller never waits for one to wake up.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include "runtime/platform/memory.h"
#include "runtime/platform/stages.h"

namespace slimscale::runtime {

class Threads {
public:
    Threads() = default;
    Threads(const Threads &) = delete;
    Threads &operator=(const Threads &) = delete;
    ~Threads() { stop(); }

    // False if a thread or its memory cannot be had; then none runs. `workers` counts the calling thread.
    bool start(const slimscale_allocator &allocator, int workers);
    void stop();
    slimscale_thread_pool pool() { return {this, workers_, &Threads::run}; }

    // From one thread at a time. In a child of fork, which has none of the helpers, on the caller alone.
    void run(const StagedWork &work);

private:
    static void run(void *self, int count, void (*task)(void *, int, int), void *task_data);
    static void *helper(void *argument);

    struct Helper {
        Threads *threads;
        int worker;
        pthread_t thread;
    };

    Helper *all_helpers() { return reinterpret_cast<Helper *>(memory_.data() + Stages::bytes(workers_)); }
    bool forked();

    int workers_ = 1, started_ = 0;
    pid_t process_ = 0;  // whose threads the helpers are
    Block memory_;
    Stages stages_;
};

}  // namespace slimscale::runtime
