// The user_context of pipelines: the source of scratch memory and the receiver of errors. Each worker has one.
#pragma once

#include "runtime/platform/error.h"
#include "runtime/platform/memory.h"

namespace slimscale::runtime {

struct Call;
class Device;
class Stages;
class Threads;

struct Context {
    Call *call = nullptr;
    Arena arena;
};

// Shared by the contexts of one handle.
struct Call {
    slimscale_thread_pool pool{};
    Threads *threads = nullptr;   // whose pool it is; null: the caller's
    Stages *stages = nullptr;     // for the caller's
    Context *contexts = nullptr;  // pool.workers of them
    Error *error = nullptr;
    Device *device = nullptr;  // null: the CPU
    int pipeline = -1;         // the one being called, for the device
    bool failed = false;       // set by the first worker that fails, whose error is kept

    bool fail_first() { return !__atomic_exchange_n(&failed, true, __ATOMIC_ACQ_REL); }
};

}  // namespace slimscale::runtime
