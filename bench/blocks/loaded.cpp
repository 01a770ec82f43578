#include "bench/blocks/loaded.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "compiler/files.h"
#include "compiler/process.h"

namespace slimscale::bench {

using namespace generators;

namespace {

void *halide_runtime = nullptr;  // the result of dlopen
std::string last_error;

constexpr size_t kLine = 64;
constexpr size_t kApart = 65536;  // bytes; threads whose scratch lies nearer are slower (docs/decisions/0043)

// Blocks given back, by size, for the next call that asks for as much.
std::multimap<size_t, char *> &kept_blocks() {
    thread_local std::multimap<size_t, char *> blocks;
    return blocks;
}

void *allocate(void *, size_t bytes) {
    auto &blocks = kept_blocks();
    if (const auto found = blocks.find(bytes); found != blocks.end()) {
        char *block = found->second;
        blocks.erase(found);
        return block + kLine;
    }
    auto *block = static_cast<char *>(std::aligned_alloc(kLine, (bytes + 2 * kLine - 1) / kLine * kLine + kApart));
    if (!block)
        return nullptr;
    std::memcpy(block, &bytes, sizeof bytes);
    return block + kLine;
}

void release(void *, void *memory) {
    if (!memory)
        return;
    char *block = static_cast<char *>(memory) - kLine;
    size_t bytes;
    std::memcpy(&bytes, block, sizeof bytes);
    kept_blocks().emplace(bytes, block);
}

void keep_error(void *, const char *message) {
    last_error = message;
}

int serial_for(void *context, halide_task_t task, int first, int count, uint8_t *closure) {
    int result = 0;
    for (int i = first; i < first + count && result == 0; i++)
        result = task(context, i, closure);
    return result;
}

template <class Function>
void call_runtime(const char *name, Function argument) {
    using Setter = Function (*)(Function);
    if (const auto set = reinterpret_cast<Setter>(dlsym(halide_runtime, name)))
        set(argument);
}

Status link_library(const std::string &object, const std::string &library) {
    const std::string temporary = library + temporary_suffix();
    SLIMSCALE_RETURN_IF_ERROR(
        run_command({"gcc", "-shared", "-nostdlib", "-Wl,-Bsymbolic", object, "-o", temporary}, "."));
    return move_file(temporary, library);
}

std::string dl_error() {
    const char *error = dlerror();
    return error ? error : "it cannot be loaded";
}

}  // namespace

Status open_halide_runtime(const std::string &folder, int threads) {
    const std::string object = folder + "/halide_runtime.o", library = folder + "/halide_runtime.so";
    const auto compile = [&](size_t) -> Status {
        SLIMSCALE_RETURN_IF_ERROR(compile_runtime(platforms()[0], object));
        return link_library(object, library);
    };
    // In a child, since Halide and LLVM keep memory and threads.
    SLIMSCALE_RETURN_IF_ERROR(run_forked(1, 1, compile, [](size_t) {}));
    halide_runtime = dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!halide_runtime)
        return Error{library + ": " + dl_error()};
    call_runtime<halide_malloc_t>("halide_set_custom_malloc", allocate);
    call_runtime<halide_free_t>("halide_set_custom_free", release);
    call_runtime<halide_error_handler_t>("halide_set_error_handler", keep_error);
    call_runtime<int>("halide_set_num_threads", threads);
    return Status();
}

void run_serially() {
    call_runtime<halide_do_par_for_t>("halide_set_custom_do_par_for", serial_for);
}

std::string call_error() {
    return last_error;
}

Status link_pipeline(const Object &object, const std::string &library) {
    return link_library(object.path(), library);
}

Result<Entry> load_pipeline(const std::string &library, const std::string &function) {
    void *loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!loaded)
        return Error{library + ": " + dl_error()};
    if (void *entry = dlsym(loaded, (function + "_argv").c_str()))
        return reinterpret_cast<Entry>(entry);
    return Error{library + ": " + dl_error()};
}

}  // namespace slimscale::bench
