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
    int pipeline = -1;  // the pipeline that the worker is calling; a device loads and launches the kernels of this one
};

// Shared by the contexts of one handle.
struct Call {
    slimscale_thread_pool pool{};
    Threads *threads = nullptr;   // the library's pool; null: the caller brought one
    Stages *stages = nullptr;     // for a caller's pool
    Context *contexts = nullptr;  // one for each of pool.workers
    Error *error = nullptr;
    Device *device = nullptr;  // the handle's device; null only in programs that call pipelines by hand
    bool failed = false;       // set by the first worker that fails, whose error is kept

    bool fail_first() { return !__atomic_exchange_n(&failed, true, __ATOMIC_ACQ_REL); }
};

}  // namespace slimscale::runtime
