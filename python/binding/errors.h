// Failures as Python exceptions: the library's sentences, with its status if it gave one.
#pragma once

#include <string>
#include <utility>

#include "base/status.h"
#include "slimscale/slimscale.h"

namespace slimscale::python {

// Thrown only inside the binding, and turned into slimscale.Error or one of its subclasses before Python sees it.
struct Failure {
    int status;  // a slimscale_status; 0: a sentence without one, of files, checkpoints and evaluations
    std::string sentence;
};

inline void check(const base::Status &status) {
    if (!status)
        throw Failure{0, status.error()};
}

template <class T>
T value_of(base::Result<T> result) {
    if (!result)
        throw Failure{0, result.error()};
    return *std::move(result);
}

// Throws Failure unless `status` is OK. `sentence` is the library's for this failure, or "" for that of the status.
inline void check(slimscale_status status, const char *sentence = "") {
    if (status != SLIMSCALE_OK)
        throw Failure{status, *sentence ? sentence : slimscale_status_text(status)};
}

}  // namespace slimscale::python
