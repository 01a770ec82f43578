#include "trainer/distributed/heartbeat.h"

#include <algorithm>

namespace slimscale::trainer {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kBeat = 500ms;
constexpr int64_t kSilence = 4;  // beats without a sign after which a process is blamed for a broken connection
constexpr std::chrono::milliseconds kSearch = kBeat * (2 * kSilence);
constexpr std::chrono::milliseconds kPollInterval = 2s;  // most of the time between two looks that counts as waiting
constexpr std::chrono::milliseconds kLastBeat = 2s;      // most time to wait for a beat under way
const std::string kFault = "fault", kNone = "-";

std::string text(const std::vector<uint8_t> &bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Heartbeat::Heartbeat(c10::intrusive_ptr<c10d::Store> store, const Place &place, std::chrono::milliseconds patience)
    : store_(std::move(store)), place_(place), patience_(std::max<int64_t>(patience / kBeat, 1)), counts_(place.size),
      quiet_(place.size) {
    store_->add(key(place.rank), 1);
    store_->compareSet(kFault, std::string(), kNone);
    thread_ = std::thread([this] { run(); });
}

Heartbeat::~Heartbeat() {
    if (thread_.joinable())
        (void)stop();
}

bool Heartbeat::stop() {
    std::unique_lock<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    const bool ended = changed_.wait_for(lock, kLastBeat, [this] { return stopped_; });
    lock.unlock();
    if (ended)
        thread_.join();
    else
        thread_.detach();
    return ended;
}

std::string Heartbeat::fault() {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Clock::time_point now = Clock::now();
    // The wait is bounded, because this process and its thread may have been stopped between two looks.
    waited_ += std::min<Clock::duration>(now - last_look_, kPollInterval);
    last_look_ = now;
    if (fault_.empty() && waited_ > patience_ * kBeat)
        fault_ = store_is_gone();
    return fault_;
}

std::string Heartbeat::report(const std::string &sentence) {
    std::string first = sentence;
    try {
        const std::unique_lock<std::timed_mutex> lock(store_mutex_, kLastBeat);
        if (lock)
            first = store_->compareSet(kFault, kNone, sentence);  // the first report of any process
    } catch (const std::exception &) {
        // The store is gone, so no other process can be told.
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (fault_.empty())
        fault_ = first;
    return fault_;
}

std::string Heartbeat::find_fault(const std::string &reason) {
    const auto end = std::chrono::steady_clock::now() + kSearch;
    while (std::chrono::steady_clock::now() < end) {
        if (std::string known = fault(); !known.empty())
            return known;
        if (const int rank = quietest(); rank >= 0)
            return report("process " + std::to_string(rank) + " is gone (" + reason + ")");
        std::this_thread::sleep_for(kBeat / 5);
    }
    return report("the connection to another process broke (" + reason + ")");
}

void Heartbeat::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_ && fault_.empty()) {
        lock.unlock();
        try {
            beat();
        } catch (const std::exception &) {
            const std::lock_guard<std::mutex> again(mutex_);
            if (!stopping_ && fault_.empty())
                fault_ = store_is_gone();
        }
        lock.lock();
        changed_.wait_for(lock, kBeat, [this] { return stopping_; });
    }
    stopped_ = true;
    changed_.notify_all();
}

void Heartbeat::beat() {
    std::vector<std::string> keys;
    keys.reserve(static_cast<size_t>(place_.size) + 1);
    for (int rank = 0; rank < place_.size; rank++)
        keys.push_back(key(rank));
    keys.push_back(kFault);
    std::vector<std::vector<uint8_t>> now;
    {
        const std::lock_guard<std::timed_mutex> lock(store_mutex_);
        store_->add(key(place_.rank), 1);
        now = store_->multiGet(keys);
    }
    std::string late;
    look(now, &late);
    if (!late.empty())
        report(late);
}

// `counts` has the counts of all ranks, then the fault. `late` is set if a process has been silent for too long.
void Heartbeat::look(const std::vector<std::vector<uint8_t>> &counts, std::string *late) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waited_ = {};
    if (const std::string fault = text(counts.back()); fault != kNone && fault_.empty())
        fault_ = fault;
    for (int rank = 0; rank < place_.size; rank++) {
        const std::string count = text(counts[rank]);
        quiet_[rank] = count == counts_[rank] ? quiet_[rank] + 1 : 0;
        counts_[rank] = count;
        if (quiet_[rank] >= patience_)
            *late = "process " + std::to_string(rank) + " is gone (no sign of life for " +
                    std::to_string(patience_ * kBeat / 1s) + " s)";
    }
}

std::string Heartbeat::store_is_gone() const {
    const std::string who = place_.store_is_kept ? "the launcher" : "process 0";
    return who + " is gone (the store that it keeps does not answer)";
}

std::string Heartbeat::key(int rank) const {
    return "heartbeat/" + std::to_string(rank);
}

int Heartbeat::quietest() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto longest = std::max_element(quiet_.begin(), quiet_.end());
    return *longest >= kSilence ? static_cast<int>(longest - quiet_.begin()) : -1;
}

std::string reason_of(const std::exception &error) {
    const auto *torch_error = dynamic_cast<const c10::Error *>(&error);
    std::string reason = torch_error != nullptr ? torch_error->msg() : error.what();
    reason = reason.substr(0, std::min(reason.find('\n'), reason.find(". ")));
    if (const size_t place = reason.find("] "); !reason.empty() && reason[0] == '[' && place != std::string::npos)
        reason.erase(0, place + 2);
    return reason;
}

}  // namespace slimscale::trainer
