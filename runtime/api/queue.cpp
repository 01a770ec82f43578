#include "runtime/api/queue.h"

#include <unistd.h>

namespace slimscale::runtime {

namespace {

class Lock {
public:
    explicit Lock(pthread_mutex_t &mutex) : mutex_(mutex) { pthread_mutex_lock(&mutex_); }
    ~Lock() { pthread_mutex_unlock(&mutex_); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

private:
    pthread_mutex_t &mutex_;
};

}  // namespace

// In the child of a fork the thread does not exist, and locks may be held by threads that do not exist. Frames that
// were in flight count as ended there.
void FrameQueue::after_fork() {
    if (!started_ || getpid() == process_)
        return;
    mutex_ = PTHREAD_MUTEX_INITIALIZER;
    changed_ = PTHREAD_COND_INITIALIZER;
    started_ = false;
    for (; ended_ < pushed_; ended_++)
        slot(ended_ + 1).error.set(SLIMSCALE_CANCELLED, "the process was forked while the frame was in flight");
}

uint64_t FrameQueue::push(const QueuedFrame &frame, Run run, void *self, Error &error) {
    after_fork();
    const Lock lock(mutex_);
    if (pushed_ - ended_ == kSlots) {
        error.set(SLIMSCALE_BUSY, "%d frames are in flight; wait for the first of them", static_cast<int>(kSlots));
        return 0;
    }
    run_ = run;
    self_ = self;
    if (!started_) {
        stopping_ = false;
        process_ = getpid();
        if (!start_thread(thread_, &FrameQueue::thread_main, this)) {
            error.set(SLIMSCALE_OUT_OF_MEMORY, "the thread for frames in flight could not be started");
            return 0;
        }
        started_ = true;
    }
    pushed_++;
    slot(pushed_) = frame;
    pthread_cond_broadcast(&changed_);
    return pushed_;
}

bool FrameQueue::busy() {
    after_fork();
    const Lock lock(mutex_);
    return ended_ < pushed_;
}

bool FrameQueue::on_own_thread() {
    after_fork();
    const Lock lock(mutex_);
    return started_ && pthread_equal(thread_, pthread_self());
}

const QueuedFrame *FrameQueue::wait(uint64_t number) {
    after_fork();
    const Lock lock(mutex_);
    if (number == 0)
        number = pushed_;
    if (number == 0 || number > pushed_ || pushed_ - number >= kSlots)
        return nullptr;
    while (ended_ < number)
        pthread_cond_wait(&changed_, &mutex_);
    return &slot(number);
}

void FrameQueue::cancel(uint64_t number) {
    after_fork();
    const Lock lock(mutex_);
    for (uint64_t n = ended_ + 1; n <= pushed_; n++)
        if (number == 0 || n == number)
            __atomic_store_n(&slot(n).cancelled, 1, __ATOMIC_RELEASE);
}

void FrameQueue::close() {
    after_fork();
    if (!started_)
        return;
    cancel(0);
    {
        const Lock lock(mutex_);
        stopping_ = true;
        pthread_cond_broadcast(&changed_);
    }
    pthread_join(thread_, nullptr);
    started_ = false;
}

void *FrameQueue::thread_main(void *self) {
    auto &queue = *static_cast<FrameQueue *>(self);
    queue.thread.apply();
    queue.work();
    return nullptr;
}

// Runs frames. A frame stays in its slot until it has ended; other threads access only `cancelled` of that slot.
void FrameQueue::work() {
    pthread_mutex_lock(&mutex_);
    for (;;) {
        while (ended_ == pushed_ && !stopping_)
            pthread_cond_wait(&changed_, &mutex_);
        if (ended_ == pushed_)
            break;
        const uint64_t number = ended_ + 1;
        QueuedFrame &frame = slot(number);
        const Run run = run_;
        void *self = self_;
        pthread_mutex_unlock(&mutex_);
        run(self, frame);
        if (frame.done) {
            const bool well = frame.error.status == SLIMSCALE_OK;
            frame.done(frame.request.opaque, number, frame.error.status, well ? &frame.report : nullptr,
                       frame.error.text);
        }
        pthread_mutex_lock(&mutex_);
        ended_ = number;
        pthread_cond_broadcast(&changed_);
    }
    pthread_mutex_unlock(&mutex_);
}

}  // namespace slimscale::runtime
