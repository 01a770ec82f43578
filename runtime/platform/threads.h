// The library's own threads, for callers who bring no pool: one caller and workers - 1 helpers per handle. Helpers
// sleep between frames and take part in what the caller begins (stages.h); the caller never waits for one to wake up.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <atomic>

#include "runtime/platform/memory.h"
#include "runtime/platform/stages.h"

namespace slimscale::runtime {

// Where a thread of the library's own runs and what it is called, by slimscale_options.
struct ThreadSettings {
    int processor = -1;  // -1: where the thread that starts it may
    char name[16] = "";

    void apply() const;  // to the calling thread
};

// The settings of all of a handle's threads.
struct ThreadOptions {
    const int *processors = nullptr;
    int processor_count = 0;
    const char *name = nullptr;

    // The first of the processors that the calling thread may not use; null: there is none.
    const int *unusable() const;
    ThreadSettings of(int thread) const;
};

// Starts a thread of the library's own. Signals that are sent to the process go to the program's threads alone: a
// handler is the program's code, and may rely on being on one of these. Returns whether the thread runs.
bool start_thread(pthread_t &thread, void *(*main)(void *), void *argument);

class Threads {
public:
    Threads() = default;
    Threads(const Threads &) = delete;
    Threads &operator=(const Threads &) = delete;
    ~Threads() { stop(); }

    // False if a thread or its memory cannot be had; then none runs. `workers` counts the calling thread.
    bool start(const slimscale_allocator &allocator, int workers, const ThreadOptions &options = {});
    void stop();
    slimscale_thread_pool pool() { return {this, workers_, &Threads::run}; }

    // One thread at a time may call this. In a child of fork, which has no helpers, the caller does all the work.
    void run(const StagedWork &work);

private:
    static void run(void *self, int count, void (*task)(void *, int, int), void *task_data);
    static void *helper(void *argument);

    struct Helper {
        Threads *threads;
        int worker;
        ThreadSettings settings;
        pthread_t thread;
        std::atomic<pid_t> id;  // the kernel's; 0: it has not run yet
    };

    Helper *all_helpers() { return reinterpret_cast<Helper *>(memory_.data() + Stages::bytes(workers_)); }
    bool forked();
    void count_active();

    int workers_ = 1, started_ = 0;
    int active_ = 1;          // workers that take part in a frame: not more than processors for them
    int64_t counted_ns_ = 0;  // when that was counted
    bool pinned_ = false;     // the caller has chosen a processor for each worker
    pid_t process_ = 0;       // the process that started the helpers
    Block memory_;
    Stages stages_;
};

}  // namespace slimscale::runtime
