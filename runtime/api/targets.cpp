#include "runtime/api/targets.h"

#include <cstdio>
#include <cstring>

#include "contract/compiled_target.h"
#include "runtime/cpu/backend.h"
#include "runtime/drivers/devices.h"
#include "runtime/gpu/backend.h"
#include "runtime/platform/amx.h"
#include "runtime/platform/cpu.h"

namespace slimscale::runtime {

const slimscale_compiled_target *find_target(const slimscale_model &model, const char *name) {
    for (int i = 0; i < model.target_count; i++)
        if (std::strcmp(model.targets[i].name, name) == 0)
            return &model.targets[i];
    return nullptr;
}

namespace {

const cpu::CpuBackend cpu_backend;
const gpu::GpuBackend gpu_backend;

}  // namespace

const Backend &backend_of(const slimscale_compiled_target &target) {
    if (target.device == SLIMSCALE_DEVICE_CPU)
        return cpu_backend;
    return gpu_backend;
}

bool share_filters(const slimscale_compiled_target &a, const slimscale_compiled_target &b) {
    const bool on_processors = a.device == SLIMSCALE_DEVICE_CPU && b.device == SLIMSCALE_DEVICE_CPU;
    return on_processors && contract::type_of(a) == contract::type_of(b);
}

slimscale_status describe_target(const slimscale_compiled_target &target, const DeviceOptions &options, char *text,
                                 size_t text_size) {
    Error refused;
    if (const slimscale_status status = describe_device(target, options, text, text_size))
        return status;
    if (contract::type_of(target) != contract::DataType::bf16 || !amx_refused() || permit_amx(refused) == SLIMSCALE_OK)
        return SLIMSCALE_OK;
    std::snprintf(text, text_size, "%s", refused.text);
    return SLIMSCALE_UNSUPPORTED_TARGET;
}

bool runs_here(const slimscale_compiled_target &target) {
    char why[256];
    return describe_target(target, {0, nullptr, nullptr}, why, sizeof why) == SLIMSCALE_OK;
}

bool is_automatic(const char *target) {
    return !target || std::strcmp(target, "auto") == 0;
}

slimscale_status choose_target(const slimscale_model &model, const char *name, const DeviceOptions &options, int from,
                               const slimscale_network_plan *uncalibrated, const slimscale_compiled_target **target,
                               Error &error) {
    const bool automatic = is_automatic(name), device_named = options.ordinal != 0 || options.callers();
    char known[160] = "", why[256] = "";
    for (int i = from; i < model.target_count; i++) {
        const slimscale_compiled_target &t = model.targets[i];
        const size_t used = std::strlen(known);
        std::snprintf(known + used, sizeof known - used, used ? ", %s" : "%s", t.name);
        if (!automatic && std::strcmp(t.name, name) != 0)
            continue;
        if (automatic && options.leave_amx && contract::type_of(t) == contract::DataType::bf16)
            continue;
        if (contract::type_of(t) == contract::DataType::q16 && uncalibrated) {
            if (automatic)
                continue;
            return error.set(
                SLIMSCALE_UNSUPPORTED_TARGET,
                "the weights of %s are not calibrated for %s at %d channels; run slimscale quantize on the "
                "trained file, or use \"auto\"",
                model.name, t.name, uncalibrated->channels);
        }
        if (describe_device(t, options, why, sizeof why) == SLIMSCALE_OK) {
            *target = &t;
            return SLIMSCALE_OK;
        }
        if (!automatic || (device_named && t.device == SLIMSCALE_DEVICE_CUDA))
            return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "this machine cannot run %s: %s%s", t.name, why,
                             automatic ? "" : "; use \"auto\"");
    }
    if (automatic)
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET,
                         "this machine (%s) runs none of the targets in %s (%s); generate one for it", machine_name(),
                         model.name, known);
    return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s has no target \"%s\"; use one of %s, or \"auto\"", model.name,
                     name, known);
}

}  // namespace slimscale::runtime
