#pragma once

#include <ctime>
#include <string>

namespace slimscale::bench {

inline double seconds(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// The time that this thread has run, without what other threads take of the processor.
inline double thread_seconds() {
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}
inline double wall_seconds() {
    return seconds(CLOCK_MONOTONIC);
}

// The present time in UTC, by a format of strftime.
inline std::string utc_text(const char *format) {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, format, &utc);
    return text;
}

}  // namespace slimscale::bench
