// The parts of Halide's runtime that are the caller's: threads, memory, errors. Defined strongly here, they replace the
// weak ones when the library is merged. A null user_context (test programs that call a pipeline by hand) means serial
// and malloc.
#include <HalideRuntime.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "runtime/platform/context.h"

namespace slimscale::runtime {
namespace {

struct Loop {
    Context *contexts;
    halide_task_t task;
    int min;
    uint8_t *closure;
    std::atomic<int> status{0};
};

void run_iteration(void *data, int index, int worker) {
    auto &loop = *static_cast<Loop *>(data);
    if (loop.status.load(std::memory_order_relaxed) != 0)
        return;
    const int status = loop.task(&loop.contexts[worker], loop.min + index, loop.closure);
    if (status != 0)
        loop.status = status;
}

}  // namespace
}  // namespace slimscale::runtime

using namespace slimscale::runtime;

extern "C" {

int halide_do_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
    if (!user_context) {
        for (int i = 0; i < size; i++)
            if (const int status = task(nullptr, min + i, closure))
                return status;
        return 0;
    }
    Call &call = *static_cast<Context *>(user_context)->call;
    Loop loop{call.contexts, task, min, closure, {}};
    call.pool.run(call.pool.opaque, size, run_iteration, &loop);
    return loop.status;
}

void *halide_malloc(void *user_context, size_t bytes) {
    if (user_context) {
        auto &context = *static_cast<Context *>(user_context);
        void *scratch = context.arena.allocate(bytes);
        if (!scratch && context.call->error && context.call->fail_first())
            context.call->error->set(SLIMSCALE_OUT_OF_MEMORY, "no memory for %zu bytes of scratch", bytes);
        return scratch;
    }
    void *memory = nullptr;
    return posix_memalign(&memory, kAlignment, bytes) == 0 ? memory : nullptr;
}

void halide_free(void *user_context, void *memory) {
    if (user_context)
        static_cast<Context *>(user_context)->arena.release(memory);
    else
        std::free(memory);
}

void halide_error(void *user_context, const char *message) {
    if (!user_context)
        return;
    Call &call = *static_cast<Context *>(user_context)->call;
    if (call.error && call.fail_first())
        call.error->set(SLIMSCALE_PIPELINE_FAILED, "a compiled pipeline failed (%s); please report this", message);
}

void halide_print(void *, const char *) {}  // a library prints nothing

}  // extern "C"
