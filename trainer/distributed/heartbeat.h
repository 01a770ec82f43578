// The heartbeat of the processes of a training run: a process that ends tells the others why, and one that ends without
// doing so is noticed.
//
// Collective operations cannot tell a slow process from a dead one: a step of a large network, or the first process'
// validation, takes minutes. So a thread of every process raises a count in the shared store twice a second, and
// watches the others' counts. The operations themselves notice broken connections at once.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "trainer/distributed/place.h"

namespace slimscale::trainer {

class Heartbeat {
public:
    // `store` is a connection that nothing else uses. `patience` is how long a count may stand still.
    Heartbeat(c10::intrusive_ptr<c10d::Store> store, const Place &place, std::chrono::milliseconds patience);
    ~Heartbeat();
    Heartbeat(const Heartbeat &) = delete;
    Heartbeat &operator=(const Heartbeat &) = delete;

    // "", or a sentence that says which process is gone or has left; all processes that can be reached have the same.
    // Call it at least once a second while waiting.
    std::string fault();

    // Makes `sentence` the fault, unless there is one already. Returns the fault.
    std::string report(const std::string &sentence);

    // Finds out which process is gone, after an operation failed because of `reason`, and reports it. Takes some
    // seconds.
    std::string find_fault(const std::string &reason);

    // Ends the thread. The other processes do not take that for a fault if they stop as well. Returns false if the
    // store keeps the thread from ending: the object must then not be destroyed.
    [[nodiscard]] bool stop();

private:
    using Clock = std::chrono::steady_clock;
    void run();
    void beat();
    void look(const std::vector<std::vector<uint8_t>> &counts, std::string *late);
    std::string key(int rank) const;
    std::string store_is_gone() const;
    int quietest() const;  // the rank whose count has stood still longest; -1 if all have moved lately

    const c10::intrusive_ptr<c10d::Store> store_;
    const Place place_;
    const int64_t patience_;        // beats
    std::timed_mutex store_mutex_;  // one request at a time
    mutable std::mutex mutex_;      // guards everything below
    std::condition_variable changed_;
    bool stopping_ = false, stopped_ = false;
    std::string fault_;
    Clock::time_point last_look_ = Clock::now();
    Clock::duration waited_{};         // time spent on waiting for the store since the last beat
    std::vector<std::string> counts_;  // by rank
    std::vector<int64_t> quiet_;       // by rank: this process' beats since the count moved
    std::thread thread_;
};

// The first sentence of an error of LibTorch, without the place in its sources.
std::string reason_of(const std::exception &error);

}  // namespace slimscale::trainer
