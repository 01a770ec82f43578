#include "runtime/api/targets.h"

#include <cstdio>
#include <cstring>

#include "runtime/cpu/backend.h"
#include "runtime/drivers/devices.h"
#include "runtime/gpu/backend.h"
#include "runtime/platform/cpu.h"

namespace slimscale::runtime {

namespace {

const cpu::CpuBackend cpu_backend;
const gpu::GpuBackend gpu_backend;

}  // namespace

const Backend &backend_of(const slimscale_tier &tier) {
    if (tier.device == SLIMSCALE_DEVICE_CPU)
        return cpu_backend;
    return gpu_backend;
}

bool share_filters(const slimscale_tier &a, const slimscale_tier &b) {
    const bool on_processors = a.device == SLIMSCALE_DEVICE_CPU && b.device == SLIMSCALE_DEVICE_CPU;
    return on_processors && a.q16 == b.q16;
}

bool runs_here(const slimscale_tier &tier) {
    char why[256];
    return describe_device(tier, {0, nullptr, nullptr}, why, sizeof why) == SLIMSCALE_OK;
}

bool is_automatic(const char *target) {
    return !target || std::strcmp(target, "auto") == 0;
}

slimscale_status choose_tier(const slimscale_model &model, const char *target, const DeviceOptions &options, int from,
                             const slimscale_network_plan *uncalibrated, const slimscale_tier **tier, Error &error) {
    const bool automatic = is_automatic(target), device_named = options.ordinal != 0 || options.callers();
    char known[160] = "", why[256] = "";
    for (int i = from; i < model.tier_count; i++) {
        const slimscale_tier &t = model.tiers[i];
        const size_t used = std::strlen(known);
        std::snprintf(known + used, sizeof known - used, used ? ", %s" : "%s", t.target);
        if (!automatic && std::strcmp(t.target, target) != 0)
            continue;
        if (t.q16 && uncalibrated) {
            if (automatic)
                continue;
            return error.set(
                SLIMSCALE_UNSUPPORTED_TARGET,
                "the weights of %s are not calibrated for %s at %d channels; run slimscale quantize on the "
                "trained file, or use \"auto\"",
                model.name, t.target, uncalibrated->channels);
        }
        if (describe_device(t, options, why, sizeof why) == SLIMSCALE_OK) {
            *tier = &t;
            return SLIMSCALE_OK;
        }
        if (!automatic || (device_named && t.device == SLIMSCALE_DEVICE_CUDA))
            return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "this machine cannot run %s: %s%s", t.target, why,
                             automatic ? "" : "; use \"auto\"");
    }
    if (automatic)
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET,
                         "this machine (%s) runs none of the targets in %s (%s); generate one for it", machine_name(),
                         model.name, known);
    return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s has no target \"%s\"; use one of %s, or \"auto\"", model.name,
                     target, known);
}

}  // namespace slimscale::runtime
