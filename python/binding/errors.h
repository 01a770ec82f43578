// Outcomes as Python exceptions: the library's sentences, with its status where it gave one.
#pragma once

#include <string>
#include <utility>

#include "base/status.h"
#include "slimscale/slimscale.h"

namespace slimscale::python {

// Thrown in the binding alone and turned into slimscale.Error or one of its subclasses at Python's border.
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

// `sentence`: what the library says of this failure, or "" for the general sentence of the status.
inline void check(slimscale_status status, const char *sentence = "") {
    if (status != SLIMSCALE_OK)
        throw Failure{status, *sentence ? sentence : slimscale_status_text(status)};
}

}  // namespace slimscale::python
