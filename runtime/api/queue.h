// Frames in flight: a thread of the handle runs what slimscale_submit hands in, in order.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include "runtime/executor/execution.h"
#include "runtime/executor/frame_plan.h"
#include "runtime/platform/threads.h"

namespace slimscale::runtime {

using FrameDone = void (*)(void *opaque, uint64_t frame, slimscale_status status, const slimscale_report *report,
                           const char *error);

// A frame whose arguments were checked, and its outcome.
struct QueuedFrame {
    int width_index = 0;
    double predicted_ms[kMaxWidths] = {};  // of each opened channel count, if a time is asked for
    double start_ms = 0;                   // when the frame was submitted
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    FrameDone done = nullptr;
    int cancelled = 0;
    Error error;
};

// A queue of frames. Frames are numbered from 1; the outcomes of the last kSlots frames are kept.
class FrameQueue {
public:
    static constexpr uint64_t kSlots = SLIMSCALE_FRAMES_IN_FLIGHT;
    using Run = void (*)(void *self, QueuedFrame &frame);  // fills report and error

    FrameQueue() = default;
    FrameQueue(const FrameQueue &) = delete;
    FrameQueue &operator=(const FrameQueue &) = delete;
    ~FrameQueue() { close(); }

    // Returns the number of the frame, or 0 if the queue is full or the thread cannot be started; `error` then says
    // which. The first call starts the thread.
    uint64_t push(const QueuedFrame &frame, Run run, void *self, Error &error);
    bool busy();  // whether any frame is in flight
    // Whether the caller is the thread that runs the frames: a FrameDone.
    bool on_own_thread();
    // Returns null if the frame was never submitted, or if its outcome is not kept any more.
    const QueuedFrame *wait(uint64_t number);
    void cancel(uint64_t number);
    // Cancels all frames in flight and waits for them. push() may be called again afterwards.
    void close();

    ThreadSettings thread;  // before the first push

private:
    static void *thread_main(void *self);
    void work();
    void after_fork();
    QueuedFrame &slot(uint64_t number) { return slots_[number % kSlots]; }

    QueuedFrame slots_[kSlots];
    uint64_t pushed_ = 0, ended_ = 0;  // numbers of the last ones
    Run run_ = nullptr;
    void *self_ = nullptr;
    bool started_ = false, stopping_ = false;
    pid_t process_ = 0;  // the process that started the thread
    pthread_t thread_{};
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
};

}  // namespace slimscale::runtime
