#include "runtime/platform/threads.h"

#include <atomic>
#include <vector>

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
