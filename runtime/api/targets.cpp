#include "runtime/api/targets.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "contract/compiled_target.h"
#include "runtime/api/choice.h"
#include "runtime/cpu/backend.h"
#include "runtime/drivers/devices.h"
#include "runtime/filters/bytes.h"
#include "runtime/filters/quantized.h"
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
    if (!contract::in_tiles(contract::type_of(target)) || !amx_refused() || permit_amx(refused) == SLIMSCALE_OK)
        return SLIMSCALE_OK;
    std::snprintf(text, text_size, "%s", refused.text);
    return SLIMSCALE_UNSUPPORTED_TARGET;
}

bool runs_here(const slimscale_compiled_target &target) {
    char why[256];
    return describe_target(target, {0, nullptr, nullptr}, why, sizeof why) == SLIMSCALE_OK;
}

double loss_db(contract::DataType type) {
    switch (type) {
    case contract::DataType::f32:
        return 0;
    case contract::DataType::q16:  // docs/decisions/0039 and 0065 have the measurements
    case contract::DataType::f16:  // which rounds less than q16
        return 0.002;
    case contract::DataType::bf16:  // docs/performance.md
        return 0.003;
    case contract::DataType::int8:  // docs/decisions/0071, a simulation
        return 0.02;
    }
    return HUGE_VAL;
}

bool is_automatic(const char *target) {
    return !target || std::strcmp(target, "auto") == 0;
}

namespace {

// The first width that the weights are not calibrated for, if targets of this data type need that; else null.
const slimscale_network_plan *lacking_for(contract::DataType type, const slimscale_network_plan *const *widths,
                                          int width_count, const BlobView &blob) {
    return type == contract::DataType::q16    ? uncalibrated_width(widths, width_count, blob)
           : type == contract::DataType::int8 ? width_without_bytes(widths, width_count, blob)
                                              : nullptr;
}

// The size of the frames whose predicted times are compared, in input pixels: the largest that profiles are measured
// on.
constexpr int kComparedWidth = 640, kComparedHeight = 360;

// Whether "auto" may take the target, if the machine runs it, at these widths.
bool may_take(const slimscale_model &model, const TargetRequest &request, const slimscale_compiled_target &t,
              const slimscale_network_plan *const *widths, int width_count, const BlobView &blob) {
    const contract::DataType type = contract::type_of(t);
    // int8 is less exact than all others, and taken by its name alone.
    return type != contract::DataType::int8 && !request.passed_over[&t - model.targets] &&
           !(request.device.leave_amx && contract::in_tiles(type)) && loss_db(type) <= std::max(request.loss_db, 0.0) &&
           !lacking_for(type, widths, width_count, blob);
}

// The first target that "auto" takes for all widths, or the named one.
slimscale_status choose_first(const slimscale_model &model, const TargetRequest &request, const WidthTargets &in,
                              const slimscale_compiled_target **target, Error &error) {
    const bool automatic = is_automatic(request.name);
    const bool device_named = request.device.ordinal != 0 || request.device.callers();
    char known[160] = "", why[256] = "";
    for (int i = 0; i < model.target_count; i++) {
        const slimscale_compiled_target &t = model.targets[i];
        const size_t used = std::strlen(known);
        std::snprintf(known + used, sizeof known - used, used ? ", %s" : "%s", t.name);
        if (automatic ? !may_take(model, request, t, in.widths, in.count, in.blob)
                      : std::strcmp(t.name, request.name) != 0)
            continue;
        const slimscale_network_plan *lacking = lacking_for(contract::type_of(t), in.widths, in.count, in.blob);
        if (lacking)
            return error.set(
                SLIMSCALE_UNSUPPORTED_TARGET,
                "the weights of %s are not calibrated for %s at %d channels; run slimscale quantize on the "
                "trained file, or use \"auto\"",
                model.name, t.name, lacking->channels);
        if (describe_device(t, request.device, why, sizeof why) == SLIMSCALE_OK) {
            *target = &t;
            return SLIMSCALE_OK;
        }
        if (!automatic || (device_named && t.device == SLIMSCALE_DEVICE_CUDA))
            return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "this machine cannot run %s: %s%s", t.name, why,
                             automatic ? "" : "; use \"auto\"");
    }
    if (automatic)
        return error.set(SLIMSCALE_UNSUPPORTED_TARGET,
                         "this machine (%s) runs none of the targets in %s (%s) that may be taken; generate one for it",
                         machine_name(), model.name, known);
    return error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s has no target \"%s\"; use one of %s, or \"auto\"", model.name,
                     request.name, known);
}

// The predicted time of a width's frame on the target in milliseconds; 0: the profile does not say.
double predicted_ms(const TargetRequest &request, const slimscale_compiled_target &target, int channels) {
    ChoiceInputs one{};
    one.target = target.name;
    one.threads = request.threads;
    one.channels = &channels;
    one.channels_length = 1;
    one.width_px = kComparedWidth;
    one.height_px = kComparedHeight;
    one.budget_ms = HUGE_VAL;
    Choice choice{};
    const bool known = request.profile && choose(*request.profile, one, choice);
    return known && choice.predicted_ms > 0 && choice.predicted_ms < HUGE_VAL ? choice.predicted_ms : 0;
}

// The fastest target for one width among those that the profile has a row of; null if it has none of `first`.
const slimscale_compiled_target *fastest(const slimscale_model &model, const TargetRequest &request,
                                         const slimscale_network_plan *width, const BlobView &blob,
                                         const slimscale_compiled_target &first) {
    double least = predicted_ms(request, first, width->channels);
    if (!(least > 0))
        return nullptr;
    const slimscale_compiled_target *best = &first;
    for (int i = 0; i < model.target_count; i++) {
        const slimscale_compiled_target &t = model.targets[i];
        char why[256];
        const double ms = predicted_ms(request, t, width->channels);
        if (t.device != SLIMSCALE_DEVICE_CPU || !(ms > 0 && ms < least) ||
            !may_take(model, request, t, &width, 1, blob) ||
            describe_device(t, request.device, why, sizeof why) != SLIMSCALE_OK)
            continue;
        least = ms;
        best = &t;
    }
    return best;
}

}  // namespace

slimscale_status choose_targets(const slimscale_model &model, const TargetRequest &request, const WidthTargets &out,
                                Error &error) {
    const slimscale_compiled_target *first = nullptr;
    if (choose_first(model, request, out, &first, error) != SLIMSCALE_OK)
        return error.status;
    const bool automatic = is_automatic(request.name);
    for (int i = 0; i < out.count; i++) {
        out.targets[i] = first;
        out.reasons[i] = automatic ? SLIMSCALE_TARGET_ORDER : SLIMSCALE_TARGET_NAMED;
        if (!automatic || first->device != SLIMSCALE_DEVICE_CPU)
            continue;
        if (const slimscale_compiled_target *best = fastest(model, request, out.widths[i], out.blob, *first)) {
            out.targets[i] = best;
            out.reasons[i] = SLIMSCALE_TARGET_FASTEST;
        }
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
