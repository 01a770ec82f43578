#include "runtime/executor/steps.h"

namespace slimscale::runtime {

int run_step(const StepCall &call, int (*conv3)(const StepCall &)) {
    switch (call.s.kind) {
    case SLIMSCALE_STEP_CONV3:
        return conv3(call);
    case SLIMSCALE_STEP_ROW_SUM:
        return run_row_sum(call);
    case SLIMSCALE_STEP_GATE:
        return run_gate(call);
    case SLIMSCALE_STEP_ATTEND:
        return run_attend(call);
    case SLIMSCALE_STEP_COLLAPSED_TAIL:
        return run_collapsed_tail(call);
    default:
        return run_convolutions(call);
    }
}

}  // namespace slimscale::runtime
