#include "runtime/drivers/cuda_driver.h"

#include <cstdio>

#include "runtime/drivers/symbols.h"

namespace slimscale::runtime::cuda {

namespace {

constexpr const char *kLibrary = "libcuda.so.1";

}  // namespace

const char *Driver::open(char *text, size_t size) {
    void *library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        std::snprintf(text, size, "no CUDA driver: %s cannot be loaded (%s)", kLibrary, dlerror());
        return text;
    }
#define SLIMSCALE_CUDA_FIND(member, symbol, parameters)                                                                \
    if (!find_symbol(library, #symbol, member)) {                                                                      \
        std::snprintf(text, size, "the CUDA driver is too old: %s has no %s; install a newer one", kLibrary, #symbol); \
        return text;                                                                                                   \
    }
    SLIMSCALE_CUDA_FUNCTIONS(SLIMSCALE_CUDA_FIND)
#undef SLIMSCALE_CUDA_FIND
    if (const Result result = init(0)) {
        std::snprintf(text, size, "the CUDA driver does not start: %s", words(result).text);
        return text;
    }
    return "";
}

Driver::Words Driver::words(Result result) const {
    const char *name = nullptr, *string = nullptr;
    error_name(result, &name);
    error_string(result, &string);
    Words words{};
    if (name)
        std::snprintf(words.text, sizeof words.text, "%s (%s)", name, string ? string : "no description");
    else
        std::snprintf(words.text, sizeof words.text, "CUDA error %d", result);
    return words;
}

}  // namespace slimscale::runtime::cuda
