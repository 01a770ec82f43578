// The parts of Halide's runtime that are the caller's: threads, memory, errors. Defined strongly here, they replace the
// weak ones when the library is merged. A null user_context (test programs that call a pipeline by hand) means malloc.
#include <HalideRuntime.h>

#include <cstdio>
#include <cstdlib>

#include "runtime/platform/context.h"

using namespace slimscale::runtime;

extern "C" {

// Frames are cut into tasks outside of pipelines (cpu/backend.cpp): a call of one is one worker's.
int halide_do_par_for(void *user_context, halide_task_t task, int min, int size, uint8_t *closure) {
    for (int i = 0; i < size; i++)
        if (const int status = task(user_context, min + i, closure))
            return status;
    return 0;
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
