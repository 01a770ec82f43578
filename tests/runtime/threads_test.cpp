#include "runtime/platform/threads.h"

#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/processors.h"
#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

struct Loop {
    std::vector<std::atomic<int>> *visits;
    std::atomic<int> busy[8];
    std::atomic<int> clashes{0};
};

void visit(void *data, int index, int worker) {
    auto &loop = *static_cast<Loop *>(data);
    if (loop.busy[worker]++ != 0)
        loop.clashes++;
    (*loop.visits)[static_cast<size_t>(index)]++;
    loop.busy[worker]--;
}

}  // namespace

TEST_CASE("every index runs once, and no worker's number is used twice at a time") {
    for (int workers : {1, 2, 3, 8}) {
        Threads threads;
        REQUIRE(threads.start(default_allocator(), workers));
        const slimscale_thread_pool pool = threads.pool();
        CHECK(pool.workers == workers);
        for (int round = 0; round < 300; round++) {
            const int count = round % 17;
            std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
            Loop loop{&visits, {}, {}};
            pool.run(pool.opaque, count, visit, &loop);
            for (const auto &v : visits)
                CHECK(v == 1);
            CHECK(loop.clashes == 0);
        }
    }
}

TEST_CASE("threads sleep and wake again") {
    Threads threads;
    REQUIRE(threads.start(default_allocator(), 3));
    const slimscale_thread_pool pool = threads.pool();
    for (int round = 0; round < 5; round++) {
        timespec pause{0, 20'000'000};
        nanosleep(&pause, nullptr);
        std::vector<std::atomic<int>> visits(100);
        Loop loop{&visits, {}, {}};
        pool.run(pool.opaque, 100, visit, &loop);
        for (const auto &v : visits)
            CHECK(v == 1);
    }
}

namespace {

double processor_ms() {  // the processor time of all threads of this process
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

void work_some_microseconds(void *, int, int) {
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 20'000; i++)
        sum = sum + i;
}

// The processor time of short loops that follow each other, as the steps of a frame do.
double loops_ms(int workers) {
    Threads threads;
    REQUIRE(threads.start(default_allocator(), workers));
    const slimscale_thread_pool pool = threads.pool();
    const double start = processor_ms();
    for (int loop = 0; loop < 300; loop++)
        pool.run(pool.opaque, 8, work_some_microseconds, nullptr);
    return processor_ms() - start;
}

// Keeps this thread, and the threads that it starts, on one processor until the end of a scope.
class OneProcessor {
public:
    OneProcessor() {
        REQUIRE(sched_getaffinity(0, sizeof before_, &before_) == 0);
        int first = 0;
        while (!CPU_ISSET(first, &before_))
            first++;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    }
    ~OneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }
    OneProcessor(const OneProcessor &) = delete;
    OneProcessor &operator=(const OneProcessor &) = delete;

private:
    cpu_set_t before_;
};

// Three stages of five tasks. Each task checks that all tasks of the stage before are done.
struct ThreeStages {
    std::atomic<int> done[3] = {};
    int stage = -1;
    bool in_order = true;

    static int next(void *self) {
        auto &three = *static_cast<ThreeStages *>(self);
        if (three.stage >= 0)
            three.in_order = three.in_order && three.done[three.stage] == 5;
        return ++three.stage < 3 ? 5 : 0;
    }
    static void task(void *self, int, int) {
        auto &three = *static_cast<ThreeStages *>(self);
        three.done[three.stage]++;
    }
    StagedWork work() { return {this, next, task}; }
};

}  // namespace

// Waiting by spinning, or for workers instead of tasks, takes 5 to 10 times as long here.
TEST_CASE("several workers on one processor cost little more than one") {
    const OneProcessor one;
    const double alone = loops_ms(1);
    for (int workers : {2, 4}) {
        INFO(workers << " workers, " << alone << " ms alone");
        CHECK(loops_ms(workers) < 2.5 * alone);
    }
}

TEST_CASE("workers that never come hold up nothing") {
    Block memory;
    REQUIRE(memory.allocate(default_allocator(), Stages::bytes(4)));
    Stages stages;
    stages.use(memory.data(), 4);
    for (int worker : {0, 3}) {
        ThreeStages three;
        stages.begin(three.work(), 4);
        stages.work(worker);
        CHECK(three.stage == 3);
        CHECK(three.in_order);
        CHECK(three.done[2] == 5);
    }
}

// Where they are more, they would take each other's processor in the middle of a task.
TEST_CASE("no more workers take part than there are processors for them") {
    static std::atomic<int> visits[4];
    for (std::atomic<int> &count : visits)
        count = 0;
    const auto count_visits = [](Threads &threads) {
        struct Tasks {
            int stages = 0;
            static int next(void *self) { return static_cast<Tasks *>(self)->stages++ < 500 ? 16 : 0; }
            static void task(void *, int, int worker) { visits[worker]++; }
        } tasks;
        threads.run({&tasks, &Tasks::next, &Tasks::task});
    };
    Threads threads;
    {
        const OneProcessor one;
        REQUIRE(threads.start(default_allocator(), 4));
        count_visits(threads);
    }
    CHECK(visits[0] == 500 * 16);
    threads.stop();
    if (slimscale::base::usable_processors() < 2) {
        WARN("left out: two workers, for want of a second processor");
        return;
    }
    Threads two;
    REQUIRE(two.start(default_allocator(), 2));
    for (int round = 0; round < 1000 && visits[1] == 0; round++)
        count_visits(two);
    CHECK(visits[1] > 0);
    const int before = visits[1];
    {
        const OneProcessor one;  // the calling thread alone: its helper may still run elsewhere
        for (int round = 0; round < 1000 && visits[1] == before; round++)
            count_visits(two);
    }
    CHECK(visits[1] > before);
}

TEST_CASE("stages follow each other, whoever ends them") {
    Threads threads;
    REQUIRE(threads.start(default_allocator(), 4));
    for (int round = 0; round < 2000; round++) {
        ThreeStages three;
        threads.run(three.work());
        CHECK(three.in_order);
        CHECK(three.stage == 3);
        for (const auto &done : three.done)
            CHECK(done == 5);
    }
}

TEST_CASE("a child of fork works on its own thread") {
    Threads threads;
    REQUIRE(threads.start(default_allocator(), 3));
    ThreeStages before;
    threads.run(before.work());
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(20);  // ends the child if it hangs
        ThreeStages three;
        threads.run(three.work());
        const slimscale_thread_pool pool = threads.pool();
        std::vector<std::atomic<int>> visits(100);
        Loop loop{&visits, {}, {}};
        pool.run(pool.opaque, 100, visit, &loop);
        threads.stop();
        _exit(three.in_order && three.done[2] == 5 && visits[99] == 1 ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    ThreeStages after;
    threads.run(after.work());
    CHECK(after.in_order);
}
