#include "runtime/drivers/opencl_driver.h"

#include <cstdio>

#include "runtime/drivers/symbols.h"

namespace slimscale::runtime::opencl {

namespace {

constexpr const char *kLibrary = "libOpenCL.so.1";

}  // namespace

const char *Driver::open(char *text, size_t size) {
    void *library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        std::snprintf(text, size, "no OpenCL: %s cannot be loaded (%s)", kLibrary, dlerror());
        return text;
    }
#define SLIMSCALE_OPENCL_FIND(member, symbol)                                               \
    if (!find_symbol(library, #symbol, member)) {                                           \
        std::snprintf(text, size, "%s has no %s: OpenCL 2.0 is needed", kLibrary, #symbol); \
        return text;                                                                        \
    }
    SLIMSCALE_OPENCL_FUNCTIONS(SLIMSCALE_OPENCL_FIND)
#undef SLIMSCALE_OPENCL_FIND
    return "";
}

}  // namespace slimscale::runtime::opencl
