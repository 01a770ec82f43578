#include "runtime/api/open.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/processors.h"
#include "contract/arguments.h"
#include "contract/blob_format.h"
#include "runtime/api/targets.h"
#include "runtime/drivers/devices.h"
#include "runtime/filters/collapsed_tail.h"
#include "runtime/plan/steps.h"
#include "runtime/plan/tile_chunk.h"

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

// Marks the pipelines that the opened widths call, indexed as slimscale_compiled_target.pipelines.
void mark_used(const slimscale_handle &s, bool *used, int count) {
    const slimscale_compiled_target &target = *s.inputs.target;
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
    const slimscale_compiled_target &target = *s.inputs.target;
    const int count = s.model->pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines;
    Block used;
    if (target.code && !used.allocate(s.allocator, static_cast<size_t>(count)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for a table of pipelines");
    auto *flags = reinterpret_cast<bool *>(used.data());
    if (flags)
        mark_used(s, flags, count);
    return open_device(*s.model, target, options, flags, s.allocator, &s.inputs.device, error);
}

// Opens the target's device and packs the filters as its pipelines read them. On failure both are closed again.
slimscale_status open_target(slimscale_handle &s, const BlobView &blob, const DeviceOptions &options, Error &error) {
    if (s.inputs.target->device != SLIMSCALE_DEVICE_CUDA && options.callers())
        return error.set(SLIMSCALE_INVALID_ARGUMENT,
                         "a CUDA context or stream is given and the target is %s; leave "
                         "them null, or set target to \"cuda\"",
                         s.inputs.target->name);
    if (open_device_of_target(s, options, error) != SLIMSCALE_OK)
        return error.status;
    {
        const ScopedDevice entered(*s.inputs.device, error);
        if (entered.status() == SLIMSCALE_OK &&
            s.filters.open(*s.model, *s.inputs.target, s.inputs.widths, s.inputs.width_count, blob, s.allocator,
                           s.inputs.pool, *s.inputs.device, error) == SLIMSCALE_OK)
            return SLIMSCALE_OK;
        if (entered.status() == SLIMSCALE_OK)
            s.filters.close();
    }
    close_device(s.inputs.device, s.allocator);
    s.inputs.device = nullptr;
    return error.status;
}

DeviceOptions device_options(const slimscale_options &o) {
    return {o.device, o.cuda_context, o.cuda_stream, o.leave_amx != 0};
}

// If "auto" chose a device that exists but cannot be used, or AMX where the kernel refuses it, the next target is
// tried, unless the caller named the device. The call then succeeds and the error text says which device was passed
// over.
slimscale_status open_some_target(slimscale_handle &s, const BlobView &blob, const slimscale_options &o, Error &error) {
    const DeviceOptions options = device_options(o);
    const bool may_go_on = is_automatic(o.target) && o.device == 0 && !options.callers();
    char passed_over[sizeof error.text] = "";
    for (;;) {
        s.inputs.backend = &backend_of(*s.inputs.target);
        if (start_pool(s, o, error) == SLIMSCALE_OK && open_target(s, blob, options, error) == SLIMSCALE_OK)
            return error.set(SLIMSCALE_OK, "%s", passed_over);
        // A processor's next target fails as this one did, unless it was this one that is refused.
        const bool next_may_do =
            s.inputs.target->device != SLIMSCALE_DEVICE_CPU || error.status == SLIMSCALE_UNSUPPORTED_TARGET;
        if (!may_go_on || !next_may_do)
            return error.status;
        const Error first = error;
        std::snprintf(passed_over, sizeof passed_over, "%s was passed over: %.400s", s.inputs.target->name, first.text);
        const int next = static_cast<int>(s.inputs.target - s.model->targets) + 1;
        if (choose_target(*s.model, o.target, options, next,
                          uncalibrated_width(s.inputs.widths, s.inputs.width_count, blob), &s.inputs.target,
                          error) != SLIMSCALE_OK)
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

slimscale_status open_handle(slimscale_handle &s, const slimscale_model &model, const slimscale_options &o,
                             Error &error) {
    s.model = &model;
    s.scale = model.scale;
    if (o.band_rows != -1 && (o.band_rows < 0 || o.band_rows % kTileRows != 0))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "bands of %d rows; use a multiple of %d, 0 or -1", o.band_rows,
                         kTileRows);
    if (o.channels_length < 0 || (o.channels_length > 0 && !o.channels))
        return error.set(SLIMSCALE_INVALID_ARGUMENT, "channels_length is %d and channels is %s", o.channels_length,
                         o.channels ? "set" : "null");
    BlobView blob;
    if (open_blob(model, o, blob, error) != SLIMSCALE_OK)
        return error.status;
    const bool named = o.channels && o.channels_length > 0;
    if ((named ? open_named_widths(s, o, blob, error) : open_trained_widths(s, o, blob, error)) != SLIMSCALE_OK ||
        choose_target(model, o.target, device_options(o), 0,
                      uncalibrated_width(s.inputs.widths, s.inputs.width_count, blob), &s.inputs.target,
                      error) != SLIMSCALE_OK)
        return error.status;
    if (open_some_target(s, blob, o, error) != SLIMSCALE_OK)
        return error.status;

    const BlobHeader &h = *blob.header;  // NOLINT(clang-analyzer-core.NullDereference): opened above
    s.inputs.model = &model;
    s.inputs.scale = model.scale;
    s.inputs.filters = &s.filters;
    s.inputs.color = {model.colors, h.range, {h.mean[0], h.mean[1], h.mean[2]}};
    s.inputs.allocator = s.allocator;
    s.inputs.memory_cap = o.memory_cap;
    s.inputs.band_rows = o.band_rows;
    s.inputs.device_images = o.device_images && !s.inputs.device->shares_host_memory();
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
