#include "bench/widths/flops.h"

#include "contract/operation.h"

namespace slimscale::bench {
namespace {

using contract::Operation;

Operation operation_of(const slimscale_step &step) {
    return static_cast<Operation>(step.kind);
}

int64_t macs(const slimscale_step &step) {
    const int64_t phases = int64_t{step.shuffle} * step.shuffle, pixels = int64_t{step.input_scale} * step.input_scale;
    return pixels *
           contract::macs_per_pixel(operation_of(step), step.cin, step.cout, step.input_count, step.groups, phases);
}

int64_t macs_of(const slimscale_network_plan &plan, Operation operation) {
    int64_t count = 0;
    for (int i = 0; i < plan.step_count; i++)
        if (operation_of(plan.steps[i]) == operation)
            count += macs(plan.steps[i]);
    return count;
}

}  // namespace

int64_t macs_per_pixel(const slimscale_network_plan &plan) {
    int64_t count = 0;
    for (int i = 0; i < plan.step_count; i++)
        count += macs(plan.steps[i]);
    return count;
}

int64_t winograd_macs_per_pixel(const slimscale_network_plan &plan) {
    return macs_of(plan, Operation::conv3x3);
}

int64_t pointwise_macs_per_pixel(const slimscale_network_plan &plan) {
    return macs_of(plan, Operation::conv1x1);
}

int64_t collapsed_macs_per_pixel(const slimscale_network_plan &plan) {
    int64_t count = 0;
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &step = plan.steps[i];
        const int64_t phases = int64_t{step.shuffle} * step.shuffle * step.input_scale * step.input_scale;
        if (operation_of(step) == Operation::collapsed_tail)
            count += macs(step) -
                     int64_t{contract::kCollapsedTaps} * contract::kCollapsedTaps * step.cin * step.cout * phases;
    }
    return count;
}

}  // namespace slimscale::bench
