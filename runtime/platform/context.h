// What a pipeline gets as its user_context: where scratch memory, threads and errors go. One per worker; Halide's
// parallel loops pass each task the context of the worker that runs it.
#pragma once

#include "runtime/platform/error.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

struct Call;
class Device;

struct Context {
    Call *call = nullptr;
    Arena arena;
};

// Shared by the contexts of one handle. `contexts` has pool.workers + 1 entries: [worker] inside parallel loops, the
// last for what a pipeline does outside of them.
struct Call {
    slimscale_thread_pool pool{};
    Context *contexts = nullptr;
    Error *error = nullptr;
    Device *device = nullptr;  // null: the CPU
    int pipeline = -1;         // the one being called, for the device
    bool failed = false;       // workers may fail at once: only the first one words the error

    bool fail_first() { return !__atomic_exchange_n(&failed, true, __ATOMIC_ACQ_REL); }

    Context *outer() { return &contexts[pool.workers]; }
};

}  // namespace slimscale::runtime
