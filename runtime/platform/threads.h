// The library's own threads, for callers who bring no pool: one caller and workers-1 helpers per handle, asleep between
// frames, spinning only for microseconds between the loops of one frame. A worker begins with its own range of a loop's
// indices and then helps the others: rows that one layer left in a core's cache are read there by the next.
#pragma once

#include <pthread.h>

#include <atomic>

#include "runtime/platform/memory.h"

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

private:
    static void run(void *self, int count, void (*task)(void *, int, int), void *task_data);
    static void *helper(void *argument);
    void work(int worker);
    void help(int worker);

    struct Helper {
        Threads *threads;
        int worker;
        pthread_t thread;
    };
    struct alignas(kAlignment) WorkRange {  // of a loop's indices; one per worker
        std::atomic<int> next{0};
        int end = 0;
    };

    Helper *all_helpers() { return reinterpret_cast<Helper *>(ranges_ + workers_); }

    int workers_ = 1, started_ = 0;
    Block helpers_;
    WorkRange *ranges_ = nullptr;
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t wake_ = PTHREAD_COND_INITIALIZER;
    std::atomic<unsigned> generation_{0};  // counts loops
    std::atomic<int> sleeping_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<int> busy_{0};
    void (*task_)(void *, int, int) = nullptr;
    void *task_data_ = nullptr;
};

}  // namespace slimscale::runtime
