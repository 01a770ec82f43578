// Loops that follow each other (stages), run by several workers none of which leads: the worker that finishes the last
// task of a stage sets up the next one. A worker that the kernel has taken off its processor therefore delays at most
// the one task that it was in, and one that comes late, or never, delays nothing: workers wait for tasks that have
// begun, not for other workers.
//
// A worker begins with its own share of a stage's indices and then helps the others, so that rows which one layer left
// in a core's cache are read there by the next.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace slimscale::runtime {

struct StagedWork {
    void *data;
    // How many tasks the next stage has, at most Stages::kMostTasks; 0: there is none. Called by one worker at a time,
    // and when all tasks of the stage before are done.
    int (*next)(void *data);
    // `worker` is in [0, workers), and no two tasks at the same time have the same one.
    void (*task)(void *data, int index, int worker);
};

class Stages {
public:
    static constexpr int kMostTasks = 0xffff;

    static size_t bytes(int workers);  // of the memory that use() takes, aligned to kAlignment

    Stages() = default;
    Stages(const Stages &) = delete;
    Stages &operator=(const Stages &) = delete;

    void use(void *memory, int workers);
    // After a fork, in the child: locks and sleepers of the parent's threads are forgotten.
    void renew();

    // Sets up the first stage. No earlier work may be open. Workers from `active` on take no part in this work.
    void begin(const StagedWork &work, int active);
    // Takes part as `worker` until the work is over.
    void work(int worker);

    // For a thread that takes part in all work: sleeps until there is work that it has not seen, and takes part. False:
    // stop() was called.
    bool help(int worker, uint64_t &seen);
    void stop();

private:
    struct Share;

    void take_tasks(uint64_t stage, int worker, bool may_move);
    bool claim(uint64_t stage, int worker, int &index);
    void look_around(int worker, bool may_move);
    void move_apart(int worker);
    void set_up(uint64_t stage);
    void publish(uint64_t stage, bool open);
    uint64_t wait_for_change(uint64_t seen, int worker);
    uint64_t wait_for_work(uint64_t seen, int worker);

    StagedWork work_{};
    int workers_ = 1;
    std::atomic<int> active_{1};  // workers that take part; changes between works, under the mutex
    Share *shares_ = nullptr;
    std::atomic<uint64_t> stage_{0};  // its number, twice, and 1 while work is open
    std::atomic<int> left_{0};        // tasks of the stage that are not done
    std::atomic<bool> stopping_{false};
    std::atomic<int> idle_{0}, waiting_{0};  // asleep: without work; within work
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t opened_ = PTHREAD_COND_INITIALIZER, changed_ = PTHREAD_COND_INITIALIZER,
                   joined_ = PTHREAD_COND_INITIALIZER;  // the last: of those that took no part, when active_ changes
};

}  // namespace slimscale::runtime
