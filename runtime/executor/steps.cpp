#include "runtime/executor/steps.h"

namespace slimscale::runtime {

int run_step(const StepCall &call, int (*together)(const StepCall &)) {
    switch (facts_of(call.s).runs) {
    case contract::Runs::together:
        return together(call);
    case contract::Runs::frame:
        return run_whole_frame(call);
    case contract::Runs::collapsed:
        return run_collapsed_tail(call);
    case contract::Runs::apart:
        break;
    }
    return run_apart(call);
}

}  // namespace slimscale::runtime
