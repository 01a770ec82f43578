#pragma once

#include <ctime>

namespace slimscale::bench {

inline double seconds(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Time this thread has run: what others take of the processor does not count.
inline double thread_seconds() {
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}
inline double wall_seconds() {
    return seconds(CLOCK_MONOTONIC);
}

}  // namespace slimscale::bench
