// Compiled by tests only. With DROP_STATUS or DROP_RESULT it must not compile.
#include "base/status.h"

using namespace slimscale::base;

Status status();
Result<int> result();

std::string looked_at() {
#ifdef DROP_STATUS
    status();
#endif
#ifdef DROP_RESULT
    result();
#endif
    return status().error() + result().error();
}
