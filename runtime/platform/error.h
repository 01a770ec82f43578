// A status with the sentence that says what to do. Fixed storage: errors must not need memory.
#pragma once

#include <cstdarg>
#include <cstdio>

#include "slimscale/slimscale.h"

namespace slimscale::runtime {

struct Error {
    slimscale_status status = SLIMSCALE_OK;
    char text[480] = "";

    // Returns `code`, so that a check reads `return error.set(SLIMSCALE_..., "...")`.
    __attribute__((format(printf, 3, 4))) slimscale_status set(slimscale_status code, const char *format, ...) {
        va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        return status = code;
    }
};

}  // namespace slimscale::runtime
