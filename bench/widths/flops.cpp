#include "bench/widths/flops.h"

namespace slimscale::bench {
namespace {

int64_t taps(const slimscale_step &step) {
    switch (step.kind) {
    case SLIMSCALE_STEP_HEAD:
    case SLIMSCALE_STEP_CONV3:
    case SLIMSCALE_STEP_TAIL:
        return 3 * 3;
    case SLIMSCALE_STEP_CONV1:
        return step.input_count;  // one 1x1 over their concatenation
    default:
        return 0;  // sums and products per channel, and what is done once a frame
    }
}

int64_t macs(const slimscale_step &step) {
    const int64_t phases = int64_t{step.shuffle} * step.shuffle, pixels = int64_t{step.input_scale} * step.input_scale;
    if (step.kind == SLIMSCALE_STEP_COLLAPSED_TAIL)  // as the network has it: C -> C per phase, and the tail behind
        return int64_t{3 * 3} * step.cin * (step.cin + step.cout) * phases * pixels;
    return taps(step) * step.cin * step.cout * step.groups * phases * pixels;
}

int64_t macs_of_kind(const slimscale_network_plan &plan, int kind) {
    int64_t count = 0;
    for (int i = 0; i < plan.step_count; i++)
        if (plan.steps[i].kind == kind)
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
    return macs_of_kind(plan, SLIMSCALE_STEP_CONV3);
}

int64_t pointwise_macs_per_pixel(const slimscale_network_plan &plan) {
    return macs_of_kind(plan, SLIMSCALE_STEP_CONV1);
}

int64_t collapsed_macs_per_pixel(const slimscale_network_plan &plan) {
    int64_t count = 0;
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &step = plan.steps[i];
        const int64_t phases = int64_t{step.shuffle} * step.shuffle * step.input_scale * step.input_scale;
        if (step.kind == SLIMSCALE_STEP_COLLAPSED_TAIL)
            count += macs(step) - int64_t{4 * 4} * step.cin * step.cout * phases;
    }
    return count;
}

}  // namespace slimscale::bench
