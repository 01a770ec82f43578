// A function of a library that was opened at run time.
#pragma once

#include <dlfcn.h>

#include <cstring>

namespace slimscale::runtime {

template <typename Pointer>
bool find_symbol(void *library, const char *symbol, Pointer &pointer) {
    void *address = dlsym(library, symbol);
    std::memcpy(&pointer, &address, sizeof pointer);  // POSIX's way from void * to a function
    return address != nullptr;
}

}  // namespace slimscale::runtime
