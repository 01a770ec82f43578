#include "runtime/api/open.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <new>

#include "base/processors.h"
#include "contract/arguments.h"
#include "contract/blob_format.h"
#include "runtime/api/choice.h"
#include "runtime/drivers/devices.h"
#include "runtime/filters/collapsed_tail.h"
#include "runtime/plan/steps.h"
#include "runtime/plan/tile_chunk.h"
#include "runtime/platform/cpu.h"

namespace slimscale::runtime {

namespace {

constexpr int kMaxThreads = 1024;

// A list of channel counts for a message: "16, 32, 64".
struct WidthList {
    char text[200] = "";
    void add(int channels) {
        const size_t used = std::strlen(text);
        std::snprintf(text + used, sizeof text - used, used ? ", %d" : "%d", channels);
    }
};

slimscale_status open_blob(const slimscale_model &model, const slimscale_options &options, BlobView &view,
                           Error &error) {
    const void *data = options.weights ? options.weights : model.blob;
    const size_t size = options.weights ? options.weights_size : model.blob_size;
    if (!data)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "%s was generated without weights; give options.weights",
                         model.name);
    if (const char *problem = slimscale::open_blob(data, size, &view))
        return error.set(SLIMSCALE_INVALID_MODEL, "%s", problem);
    const BlobHeader &h = *view.header;
    const bool same = std::strncmp(h.network, model.network, sizeof h.network) == 0 &&
                      static_cast<int>(h.scale) == model.scale && static_cast<int>(h.colors) == model.colors &&
                      static_cast<int>(h.channels) == model.max_channels;
    if (same && static_cast<int>(h.segment_slicing) != model.segment_slicing)
        return error.set(SLIMSCALE_INVALID_MODEL,
                         "the weights slice concatenations %s and %s was compiled for the other way; generate an "
                         "archive from that file",
                         h.segment_slicing ? "per segment" : "by their leading channels", model.name);
    const bool adds_input = model.plans[0].steps[model.plans[0].step_count - 1].input_skip != 0;
    if (same && (h.input_skip != 0) != adds_input)
        return error.set(SLIMSCALE_INVALID_MODEL,
                         "the weights %s their input to the output and %s was compiled for a network that %s; generate "
                         "an archive from that file",
                         h.input_skip ? "add" : "do not add", model.name, adds_input ? "does" : "does not");
    if (!same)
        return error.set(SLIMSCALE_INVALID_MODEL,
                         "the weights are of %.48s x%u with %u colors and %u channels, %s was compiled for %s x%d "
                         "with %d and %d; generate an archive from that file",
                         h.network, h.scale, h.colors, h.channels, model.name, model.network, model.scale, model.colors,
                         model.max_channels);
    return SLIMSCALE_OK;
}

const slimscale_network_plan *find_plan(const slimscale_model &model, int channels) {
    for (int i = 0; i < model.plan_count; i++)
        if (model.plans[i].channels == channels)
            return &model.plans[i];
    return nullptr;
}

slimscale_status add_width(slimscale_handle &s, const slimscale_network_plan &plan, Error &error) {
    PlanInputs &in = s.inputs;
    if (in.width_count == kMaxWidths)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "more than %d widths at once; open fewer", kMaxWidths);
    s.channels[in.width_count] = plan.channels;
    in.widths[in.width_count++] = &plan;
    return SLIMSCALE_OK;
}

slimscale_status open_named_widths(slimscale_handle &s, const slimscale_options &o, const BlobView &blob,
                                   Error &error) {
    WidthList compiled, trained;
    for (int i = 0; i < s.model->plan_count; i++) {
        compiled.add(s.model->plans[i].channels);
        if (blob.is_trained(static_cast<uint32_t>(s.model->plans[i].channels)))
            trained.add(s.model->plans[i].channels);
    }
    for (int i = 0; i < s.model->plan_count; i++) {  // in the model's order, ascending, each once
        const int channels = s.model->plans[i].channels;
        if (std::find(o.channels, o.channels + o.channels_length, channels) == o.channels + o.channels_length)
            continue;
        if (!o.allow_untrained && !blob.is_trained(static_cast<uint32_t>(channels)))
            return error.set(
                SLIMSCALE_UNTRAINED_CHANNELS,
                "%s is not trained at %d channels, its output would be noise; use one of %s, or set allow_untrained",
                s.model->name, channels, trained.text);
        if (add_width(s, s.model->plans[i], error) != SLIMSCALE_OK)
            return error.status;
    }
    for (int i = 0; i < o.channels_length; i++)
        if (!find_plan(*s.model, o.channels[i]))
            return error.set(SLIMSCALE_UNKNOWN_CHANNELS,
                             "%s has no width of %d channels compiled in; use one of %s, or generate it", s.model->name,
                             o.channels[i], compiled.text);
    return SLIMSCALE_OK;
}

slimscale_status open_trained_widths(slimscale_handle &s, const slimscale_options &o, const BlobView &blob,
                                     Error &error) {
    for (int i = 0; i < s.model->plan_count; i++) {
        const slimscale_network_plan &plan = s.model->plans[i];
        if (!o.allow_untrained && !blob.is_trained(static_cast<uint32_t>(plan.channels)))
            continue;
        if (add_width(s, plan, error) != SLIMSCALE_OK)
            return error.status;
    }
    if (s.inputs.width_count == 0)
        return error.set(SLIMSCALE_UNTRAINED_CHANNELS,
                         "none of the widths compiled into %s is trained; train the file, or set allow_untrained",
                         s.model->name);
    return SLIMSCALE_OK;
}

bool sound_steps(const slimscale_network_plan &plan, int pipeline_count) {
    const auto is_tensor = [&](int t) { return t >= 0 && t < plan.tensor_count; };
    for (int i = 0; i < plan.step_count; i++) {
        const slimscale_step &s = plan.steps[i];
        bool sound = s.kind >= 0 && s.kind < contract::kOperationCount && is_tensor(s.output) && s.output != 0 &&
                     (s.add < 0 || is_tensor(s.add)) && s.pipeline >= 0 && s.pipeline < pipeline_count &&
                     s.input_count >= 1 && s.input_count <= contract::kMostSegments && s.groups >= 1 &&
                     s.shuffle >= 1 && s.shuffle <= kMaxScale && s.input_scale >= 1;
        for (int k = 0; sound && k < s.input_count; k++)
            sound = is_tensor(s.inputs[k]);
        if (sound && facts_of(s).packing == contract::Packing::collapsed)
            sound =
                i == plan.step_count - 1 && s.filter >= 0 && s.filter2 >= 0 && s.shuffle > 1 && s.cout <= kMaxColors;
        if (!sound)
            return false;
    }
    return plan.step_count > 0;
}

// Checks that the indices of the Winograd pipelines exist and do not name pipelines of the steps.
bool sound_winograd(const slimscale_compiled_target &target, int pipeline_count) {
    const int end = pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines;
    const auto is_extra = [&](int p) { return p >= end - target.winograd_pipelines && p < end; };
    for (int p = 0; target.winograd && p < pipeline_count; p++) {
        const slimscale_winograd &three = target.winograd[p];
        if (three.input >= 0 && !(is_extra(three.input) && is_extra(three.product) && is_extra(three.output)))
            return false;
    }
    return target.winograd_pipelines >= 0;
}

slimscale_status start_pool(slimscale_handle &s, const slimscale_options &o, Error &error) {
    const ThreadOptions own{o.processors, o.processor_count, o.thread_name};
    if (o.processor_count < 0 || (o.processor_count > 0 && !o.processors))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "processor_count is %d and processors is %s", o.processor_count,
                         o.processors ? "set" : "null");
    if (const int *processor = own.unusable())
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "processor %d is none that this thread may run on", *processor);
    s.queue.thread = own.of(0);
    if (o.pool) {
        if (o.pool->workers < 1 || o.pool->workers > kMaxThreads || !o.pool->run)
            return error.set(SLIMSCALE_INVALID_ARGUMENT,
                             "the thread pool has %d workers%s; 1 to %d and a run function do", o.pool->workers,
                             o.pool->run ? "" : " and no run function", kMaxThreads);
        s.inputs.pool = *o.pool;
        return SLIMSCALE_OK;
    }
    if (o.threads < 0 || o.threads > kMaxThreads)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "%d threads; use 1 to %d, or 0 for all processors", o.threads,
                         kMaxThreads);
    int threads = o.threads ? o.threads : default_threads();
    if (!s.inputs.backend->uses_threads())
        threads = 1;
    if (!s.threads.start(s.allocator, threads, own))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the threads could not be started; set options.threads to fewer");
    s.inputs.threads = &s.threads;
    s.inputs.pool = s.threads.pool();
    return SLIMSCALE_OK;
}

// The target that the device is opened for: one that needs AMX, which the kernel has to permit, else any of them.
const slimscale_compiled_target &device_target(const slimscale_handle &s) {
    for (int i = 0; i < s.inputs.width_count; i++)
        if (contract::in_tiles(contract::type_of(*s.inputs.targets[i])))
            return *s.inputs.targets[i];
    return s.widest_target();
}

// Marks the pipelines that the opened widths call, indexed as slimscale_compiled_target.pipelines. Only for a device
// with code, whose widths all have one target.
void mark_used(const slimscale_handle &s, bool *used, int count) {
    const slimscale_compiled_target &target = device_target(s);
    const int steps = s.model->pipeline_count;
    std::fill(used, used + count, false);
    std::fill(used + steps, used + steps + SLIMSCALE_IMAGE_PIPELINES, true);
    for (int i = 0; i < s.inputs.width_count; i++)
        for (int k = 0; k < s.inputs.widths[i]->step_count; k++) {
            const slimscale_step &step = s.inputs.widths[i]->steps[k];
            if (const slimscale_winograd *three = winograd_of(target, step))
                used[three->input] = used[three->product] = used[three->output] = true;
            else
                used[step.pipeline] = true;
        }
}

// Opens the device. A target with code (CUDA) has the kernels of the opened widths loaded.
slimscale_status open_device_of_target(slimscale_handle &s, const DeviceOptions &options, Error &error) {
    const slimscale_compiled_target &target = device_target(s);
    const int count = s.model->pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines;
    Block used;
    if (target.code && !used.allocate(s.allocator, static_cast<size_t>(count)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for a table of pipelines");
    auto *flags = reinterpret_cast<bool *>(used.data());
    if (flags)
        mark_used(s, flags, count);
    return open_device(*s.model, target, options, flags, s.allocator, &s.inputs.device, error);
}

// Packs the filters as the widths' targets read them, once for each data type. The device must be entered.
slimscale_status open_filters(slimscale_handle &s, const BlobView &blob, Error &error) {
    PlanInputs &in = s.inputs;
    const slimscale_compiled_target *targets[kFilterSets] = {};
    s.filter_count = blob.header->filter_count;
    for (int i = 0; i < in.width_count; i++) {
        const auto type = static_cast<size_t>(contract::type_of(*in.targets[i]));
        FilterSet &set = s.filters[type];
        targets[type] = in.targets[i];
        set.widths[set.width_count++] = in.widths[i];
        in.filters[i] = &set.filters;
    }
    for (int type = 0; type < kFilterSets; type++) {
        FilterSet &set = s.filters[type];
        if (targets[type] && set.filters.open(*s.model, *targets[type], set.widths, set.width_count, blob, s.allocator,
                                              in.pool, *in.device, error) != SLIMSCALE_OK)
            return error.status;
    }
    return SLIMSCALE_OK;
}

// Opens the targets' device and packs the filters. On failure both are closed again.
slimscale_status open_target(slimscale_handle &s, const BlobView &blob, const DeviceOptions &options, Error &error) {
    if (device_target(s).device != SLIMSCALE_DEVICE_CUDA && options.callers())
        return error.set(SLIMSCALE_INVALID_ARGUMENT,
                         "a CUDA context or stream is given and the target is %s; leave "
                         "them null, or set target to \"cuda\"",
                         device_target(s).name);
    if (open_device_of_target(s, options, error) != SLIMSCALE_OK)
        return error.status;
    {
        const ScopedDevice entered(*s.inputs.device, error);
        if (entered.status() == SLIMSCALE_OK && open_filters(s, blob, error) == SLIMSCALE_OK)
            return SLIMSCALE_OK;
        if (entered.status() == SLIMSCALE_OK)
            for (FilterSet &set : s.filters)
                set = FilterSet();
    }
    close_device(s.inputs.device, s.allocator);
    s.inputs.device = nullptr;
    return error.status;
}

DeviceOptions device_options(const slimscale_options &o) {
    return {o.device, o.cuda_context, o.cuda_stream, o.leave_amx != 0};
}

// The profile of the options, if it is one for "auto" here; else null, with a sentence in `note` if one was given.
const slimscale_profile *usable_profile(const slimscale_model &model, const slimscale_options &o, Error &note) {
    if (!o.profile || !is_automatic(o.target))
        return nullptr;
    Error why;
    if (check_profile(*o.profile, model.name, machine_name(), why) == SLIMSCALE_OK)
        return o.profile;
    note.set(SLIMSCALE_OK, "\"auto\" goes by the archive's order: %.400s", why.text);
    return nullptr;
}

slimscale_status choose(slimscale_handle &s, const BlobView &blob, const TargetRequest &request, Error &error) {
    PlanInputs &in = s.inputs;
    return choose_targets(*s.model, request, {in.widths, in.width_count, blob, in.targets, s.reasons}, error);
}

// If "auto" chose a device that exists but cannot be used, or AMX where the kernel refuses it, it chooses again without
// that target, unless the caller named the device. The call then succeeds and the error text says which target was
// passed over.
slimscale_status open_some_target(slimscale_handle &s, const BlobView &blob, const slimscale_options &o,
                                  TargetRequest request, Error &error) {
    const bool may_go_on = is_automatic(o.target) && o.device == 0 && !request.device.callers();
    Error passed_over, unused;  // notes for the caller
    request.profile = usable_profile(*s.model, o, unused);
    if (choose(s, blob, request, error) != SLIMSCALE_OK)
        return error.status;
    for (;;) {
        const slimscale_compiled_target &tried = device_target(s);
        s.inputs.backend = &backend_of(tried);
        if (start_pool(s, o, error) == SLIMSCALE_OK && open_target(s, blob, request.device, error) == SLIMSCALE_OK)
            return error.set(SLIMSCALE_OK, "%s%s%s", passed_over.text,
                             passed_over.text[0] && unused.text[0] ? "; " : "",
                             tried.device == SLIMSCALE_DEVICE_CPU ? unused.text : "");
        // A processor's next target fails as this one did, unless it was this one that is refused.
        const bool next_may_do = tried.device != SLIMSCALE_DEVICE_CPU || error.status == SLIMSCALE_UNSUPPORTED_TARGET;
        if (!may_go_on || !next_may_do)
            return error.status;
        const Error first = error;
        passed_over.set(SLIMSCALE_OK, "%s was passed over: %.400s", tried.name, first.text);
        request.passed_over[&tried - s.model->targets] = true;
        if (choose(s, blob, request, error) != SLIMSCALE_OK)
            return error.set(first.status, "%s", first.text);
        s.threads.stop();
    }
}

}  // namespace

int default_threads() {
    return std::min(base::usable_processors(), kMaxThreads);
}

slimscale_status check_model(const slimscale_model *model, Error &error) {
    if (!model)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the model is null; pass slimscale_model_<name>()");
    if (model->abi != SLIMSCALE_MODEL_ABI)
        return error.set(SLIMSCALE_INVALID_MODEL,
                         "the model archive was generated for another version of the library; generate it again");
    if (model->plan_count < 1 || model->target_count < 1)
        return error.set(SLIMSCALE_INVALID_MODEL, "the model archive is empty; generate it again");
    if (model->target_count > kMaxTargets)
        return error.set(SLIMSCALE_INVALID_MODEL, "the model archive has %d targets; generate it for %d at most",
                         model->target_count, kMaxTargets);
    for (int i = 0; i < model->plan_count; i++)
        if (!sound_steps(model->plans[i], model->pipeline_count))
            return error.set(SLIMSCALE_INVALID_MODEL,
                             "the model archive's plan of %d channels is damaged; generate it again",
                             model->plans[i].channels);
    for (int t = 0; t < model->target_count; t++)
        if (!sound_winograd(model->targets[t], model->pipeline_count))
            return error.set(SLIMSCALE_INVALID_MODEL,
                             "the model archive's pipelines for %s are damaged; generate it again",
                             model->targets[t].name);
    return SLIMSCALE_OK;
}

namespace {

slimscale_status open_handle(slimscale_handle &s, const slimscale_model &model, const slimscale_options &o,
                             const bool (&passed_over)[kMaxTargets], Error &error) {
    s.model = &model;
    s.scale = model.scale;
    if (o.band_rows != -1 && (o.band_rows < 0 || o.band_rows % kTileRows != 0))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "bands of %d rows; use a multiple of %d, 0 or -1", o.band_rows,
                         kTileRows);
    if (o.channels_length < 0 || (o.channels_length > 0 && !o.channels))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "channels_length is %d and channels is %s", o.channels_length,
                         o.channels ? "set" : "null");
    if (std::isnan(o.loss_db))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "loss_db is no number; 0 is the default, below 0 means f32");
    BlobView blob;
    if (open_blob(model, o, blob, error) != SLIMSCALE_OK)
        return error.status;
    const bool named = o.channels && o.channels_length > 0;
    if ((named ? open_named_widths(s, o, blob, error) : open_trained_widths(s, o, blob, error)) != SLIMSCALE_OK)
        return error.status;
    TargetRequest request{o.target, device_options(o)};
    request.loss_db = o.loss_db == 0 ? SLIMSCALE_LOSS_DB : o.loss_db;
    request.threads = o.pool ? o.pool->workers : o.threads ? o.threads : default_threads();
    std::copy(std::begin(passed_over), std::end(passed_over), request.passed_over);
    if (open_some_target(s, blob, o, request, error) != SLIMSCALE_OK)
        return error.status;

    const BlobHeader &h = *blob.header;  // NOLINT(clang-analyzer-core.NullDereference): opened above
    s.inputs.model = &model;
    s.inputs.scale = model.scale;
    s.inputs.color = {model.colors, h.range, {h.mean[0], h.mean[1], h.mean[2]}};
    s.inputs.allocator = s.allocator;
    s.inputs.memory_cap = o.memory_cap;
    s.inputs.band_rows = o.band_rows;
    s.inputs.device_images = o.device_images && !s.inputs.device->shares_host_memory();
    return SLIMSCALE_OK;
}

}  // namespace

slimscale_status open_model(const slimscale_model &model, const slimscale_options &o,
                            const bool (&passed_over)[kMaxTargets], slimscale_handle **out, Error &error) {
    *out = nullptr;
    const slimscale_allocator allocator = o.allocator ? *o.allocator : default_allocator();
    if (!allocator.allocate || !allocator.release)
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "the allocator lacks a function");
    void *memory = allocator.allocate(allocator.opaque, sizeof(slimscale_handle), kAlignment);
    if (!memory)
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for a handle");
    auto *s = new (memory) slimscale_handle();
    s->allocator = allocator;
    if (open_handle(*s, model, o, passed_over, error) == SLIMSCALE_OK)
        *out = s;
    else
        slimscale_close(s);
    return error.status;
}

}  // namespace slimscale::runtime
