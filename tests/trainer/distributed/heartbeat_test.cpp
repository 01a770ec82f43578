#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include <atomic>
#include <thread>

#include "tests/catch.h"
#include "trainer/distributed/heartbeat.h"

using namespace slimscale;
using namespace std::chrono_literals;
using trainer::Heartbeat;
using trainer::Place;

namespace {

// The store of a first process that has been stopped: the connection exists, but nothing comes.
class SilentStore : public c10d::HashStore {
public:
    int64_t add(const std::string &key, int64_t value) override {
        if (silent)
            std::this_thread::sleep_until(Clock::time_point::max());
        return HashStore::add(key, value);
    }

    std::atomic<bool> silent{false};

private:
    using Clock = std::chrono::steady_clock;
};

Place place(int rank) {
    Place place;
    place.rank = rank;
    place.size = 2;
    return place;
}

std::string fault_within(Heartbeat &heartbeat, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (heartbeat.fault().empty() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(10ms);
    return heartbeat.fault();
}

}  // namespace

TEST_CASE("as long as all are alive there is no fault, and the first fault is everyone's") {
    const auto store = c10::make_intrusive<c10d::HashStore>();
    Heartbeat first(store, place(0), 5s),
        second(store, place(1), 5s);  // a busy machine may hold a thread up for seconds
    CHECK(fault_within(first, 7s).empty());
    CHECK(second.report("process 1 ended: no memory") == "process 1 ended: no memory");
    CHECK(fault_within(first, 2s) == "process 1 ended: no memory");
    CHECK(first.report("another") == "process 1 ended: no memory");
}

TEST_CASE("a process that stands still is gone") {
    const auto store = c10::make_intrusive<c10d::HashStore>();
    Heartbeat first(store, place(0), 2s), second(store, place(1), 2s);
    REQUIRE(second.stop());
    CHECK(fault_within(first, 10s) == "process 1 is gone (no sign of life for 2 s)");
}

TEST_CASE("a store that does not answer is gone, and holds nobody up") {
    const auto store = c10::make_intrusive<SilentStore>();
    auto heartbeat = std::make_unique<Heartbeat>(store, place(1), 2s);
    store->silent = true;
    CHECK(fault_within(*heartbeat, 10s) == "process 0 is gone (the store that it keeps does not answer)");
    CHECK(heartbeat->report("another") == "process 0 is gone (the store that it keeps does not answer)");
    CHECK(!heartbeat->stop());
    (void)heartbeat.release();  // its thread still waits, so it must not be destroyed
}

TEST_CASE("a broken connection is laid to the process that is silent") {
    const auto store = c10::make_intrusive<c10d::HashStore>();
    Heartbeat first(store, place(0), 30s), second(store, place(1), 30s);
    REQUIRE(second.stop());
    CHECK(first.find_fault("connection reset") == "process 1 is gone (connection reset)");
}

TEST_CASE("reasons are one line without places in sources") {
    const auto reason = [](const char *text) { return trainer::reason_of(std::runtime_error(text)); };
    CHECK(reason("[/a/b.cc:12] Connection closed. Perhaps a bug.\nframe 1") == "Connection closed");
    CHECK(reason("two\nlines. here") == "two");
    CHECK(reason("plain") == "plain");
}
