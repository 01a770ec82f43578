// Structs of the C API may grow at their ends; `size` says how much of one the caller knows.
#pragma once

#include <algorithm>
#include <cstring>

namespace slimscale::runtime {

// False: the struct was never set up, and all of its fields would be passed over.
template <typename Struct>
bool has_size(const Struct &given) {
    return given.size >= sizeof given.size;
}

// Copies the fields that the caller's struct has room for, and keeps its `size`.
template <typename Struct>
void copy_out(Struct *to, Struct from) {
    from.size = to->size;
    std::memcpy(to, &from, std::min(to->size, sizeof from));
}

// Fields that the caller's struct is too short for, or all fields if it is null, are taken from `defaults`.
template <typename Struct>
Struct copy_in(const Struct *from, Struct defaults) {
    if (from)
        std::memcpy(&defaults, from, std::min(from->size, sizeof defaults));
    defaults.size = sizeof defaults;
    return defaults;
}

}  // namespace slimscale::runtime
