// The heartbeat of the processes of a training run: a process that ends tells the others why, and one that ends without
// doing so is noticed.
//
// Collective operations cannot tell a slow process from a dead one: a step of a large network, or the first process's
// validation, takes minutes. So a thread of every process counts up in the shared store twice a second, and looks at
// the others' counts. Broken connections are noticed at once by the operations themselves.
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
    // `store`: a connection of its own. `patience`: how long a count may stand still.
    Heartbeat(c10::intrusive_ptr<c10d::Store> store, const Place &place, std::chrono::milliseconds patience);
    ~Heartbeat();
    Heartbeat(const Heartbeat &) = delete;
    Heartbeat &operator=(const Heartbeat &) = delete;

    // "" or who is gone or has left: one sentence, the same in all processes as far as they can be reached. To be
    // asked at least once a second while waiting.
    std::string fault();

    // Makes `sentence` the fault, unless there is one already. Returns the fault.
    std::string report(const std::string &sentence);

    // After an operation failed because of `reason`: finds out who is gone, which takes some seconds, and reports it.
    std::string find_fault(const std::string &reason);

    // Ends the thread; the others take no more notice if they have stopped too. False if the store holds it up: the
    // object must then not be destroyed.
    [[nodiscard]] bool stop();

private:
    using Clock = std::chrono::steady_clock;
    void run();
    void beat();
    void look(const std::vector<std::vector<uint8_t>> &counts, std::string *late);
    std::string key(int rank) const;
    std::string store_is_gone() const;
    int quietest() const;  // rank; -1 where all counts move

    const c10::intrusive_ptr<c10d::Store> store_;
    const Place place_;
    const int64_t patience_;        // beats
    std::timed_mutex store_mutex_;  // one request at a time
    mutable std::mutex mutex_;      // of all below
    std::condition_variable changed_;
    bool stopping_ = false, stopped_ = false;
    std::string fault_;
    Clock::time_point last_look_ = Clock::now();
    Clock::duration waited_{};         // for the store, since the last beat
    std::vector<std::string> counts_;  // by rank
    std::vector<int64_t> quiet_;       // by rank: beats of ours since the count moved
    std::thread thread_;
};

// The first sentence of what LibTorch says, without the place in its sources.
std::string reason_of(const std::exception &error);

}  // namespace slimscale::trainer
