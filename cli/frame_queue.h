// Frames on their way from one thread to the next. Only the frames that were made at the start exist, and a thread
// without one to fill waits, which bounds memory.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace slimscale::cli {

template <class Frame>
class FrameQueue {
public:
    void push(Frame frame) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            frames_.push_back(std::move(frame));
        }
        changed_.notify_one();
    }
    // Waits for a frame. None: the queue was closed and is empty, or was stopped.
    std::optional<Frame> pop() {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return !frames_.empty() || closed_ || stopped_; });
        if (stopped_ || frames_.empty())
            return std::nullopt;
        Frame frame = std::move(frames_.front());
        frames_.pop_front();
        return frame;
    }
    void close() { set(closed_); }  // no more frames come; pop() still gives those that are there
    void stop() { set(stopped_); }  // pop() gives no more frames

private:
    void set(bool &flag) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            flag = true;
        }
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Frame> frames_;
    bool closed_ = false, stopped_ = false;
};

}  // namespace slimscale::cli
