// The parts of Halide's runtime that we replace: threads, memory, errors. These strong definitions override the weak
// ones when the library is merged. With a null user_context (in programs that call a pipeline by hand) memory is
// malloc's.
#include <HalideRuntime.h>

#include <cstdio>
#include <cstdlib>

#include "runtime/platform/context.h"

using namespace slimscale::runtime;

extern "C" {

// Loops are serial: frames are cut into tasks outside of pipelines (cpu/backend.cpp), and a worker makes a whole call.
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
