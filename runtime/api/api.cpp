// The C API: it checks arguments, calls the parts that do the work, and keeps the text of the last error.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

#include "contract/compiled_target.h"
#include "contract/value_bins.h"
#include "runtime/api/choice.h"
#include "runtime/api/copy.h"
#include "runtime/api/open.h"
#include "runtime/api/profile.h"
#include "runtime/api/profile_text.h"
#include "runtime/api/request.h"
#include "runtime/api/self_test.h"
#include "runtime/api/targets.h"
#include "runtime/cpu/ranges.h"
#include "runtime/drivers/devices.h"
#include "runtime/platform/cpu.h"

using namespace slimscale::runtime;

namespace {

// The longest side of a frame in pixels. Within it, sizes times scale times channels fit their integer types.
constexpr int kMaxSide = 1 << 16;

constexpr double kProfileMs = 5000;  // the default of budget_ms
constexpr double kPercentile = 99;   // the default of percentile

constexpr float kLargestActivation = 65504 / 2.f;  // f16's end, with room for what calibration has not seen

static_assert(SLIMSCALE_BINS_PER_FILTER == slimscale::contract::kValueBins, "calibration's bins are the API's");
static_assert(SLIMSCALE_RANGES_PER_FILTER == slimscale::kQ16Elements, "the blob's ranges are the API's");

// Checks a struct of the caller's, which may be null.
template <typename Struct>
slimscale_status check_size(const Struct *given, const char *what, Error &error) {
    if (!given || has_size(*given))
        return SLIMSCALE_OK;
    return error.set(SLIMSCALE_INVALID_ARGUMENT,
                     "the size field of the %s is %zu; begin with its _INIT macro, or set it to sizeof", what,
                     given->size);
}

// True, with SLIMSCALE_BUSY set, if frames are in flight or a frame of rows has begun: these use the plan and the
// filters.
bool busy(slimscale_handle &s) {
    if (s.queue.busy())
        s.error.set(SLIMSCALE_BUSY, "frames are in flight; wait for them (slimscale_wait) or cancel them first");
    else if (s.rows.active())
        s.error.set(SLIMSCALE_BUSY, "a frame of rows has begun; end it first (slimscale_end_rows)");
    else
        return false;
    return true;
}

// Runs one frame at an opened channel count and lets `probe` look at the inputs of its convolutions. The probe's table
// has `count` places; `places` is what it must have.
slimscale_status run_probed(slimscale_handle &s, int channels, const slimscale_image *input, size_t count,
                            size_t places, RangeProbe &probe) {
    if (!input || (!probe.ranges && !probe.limits && !probe.counts))
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "%s is null; give it", input ? "the table" : "input");
    const int index = index_of_width(s, channels);
    if (index < 0)
        return not_opened(s, channels);
    const slimscale_compiled_target &target = *s.inputs.targets[index];
    if (!s.inputs.backend->can_probe() || slimscale::contract::type_of(target) != slimscale::contract::DataType::f32)
        return s.error.set(SLIMSCALE_UNSUPPORTED_TARGET,
                           "ranges are measured on a processor in f32 and the handle runs on %s; open another target",
                           target.name);
    if (count != places)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "a table of %zu is given and that of %s has %zu; %s", count,
                           s.model->name, places, probe.counts ? "slimscale_bin_count" : "slimscale_range_count");
    if (busy(s))
        return s.error.status;
    if (check_size(input, "input", s.error) != SLIMSCALE_OK)
        return s.error.status;
    const slimscale_image in = copy_in<slimscale_image>(input, SLIMSCALE_IMAGE_INIT);
    if (check_image(in, s.model->colors, "input", s.error) != SLIMSCALE_OK || check_planned(s, in) != SLIMSCALE_OK)
        return s.error.status;
    if (in.memory != SLIMSCALE_HOST_MEMORY)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "ranges are measured on images in host memory; copy it there");
    if (s.plan.run(index, in, SLIMSCALE_IMAGE_INIT, s.error, &probe) != SLIMSCALE_OK)
        return s.error.status;
    if (!probe.finite)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "the frame's activations are not all finite numbers: its pixels, or the weights, are not");
    if (probe.largest > kLargestActivation)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "activations reach %.0f at %d channels and q16 stores them as f16, which ends at 65504; use "
                           "an f32 target for this network",
                           static_cast<double>(probe.largest), channels);
    return SLIMSCALE_OK;
}

// Chooses the channels that a request asks for and predicts their time.
slimscale_status check_run(slimscale_handle &s, const slimscale_request *request, const slimscale_image *input,
                           const slimscale_image *output, QueuedFrame &frame) {
    if (!input || !output)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s is null", input ? "output" : "input");
    if (check_size(input, "input", s.error) != SLIMSCALE_OK || check_size(output, "output", s.error) != SLIMSCALE_OK ||
        check_size(request, "request", s.error) != SLIMSCALE_OK)
        return s.error.status;
    frame.input = copy_in<slimscale_image>(input, SLIMSCALE_IMAGE_INIT);
    frame.output = copy_in<slimscale_image>(output, SLIMSCALE_IMAGE_INIT);
    frame.request = copy_in<slimscale_request>(request, SLIMSCALE_REQUEST_INIT);
    if (check_frame(s, frame.input, frame.output) != SLIMSCALE_OK)
        return s.error.status;
    return choose_width(s, frame);
}

PaceInputs pace_of(const slimscale_handle &s, const QueuedFrame &frame) {
    const double percentile = frame.request.percentile > 0 ? frame.request.percentile : kPercentile;
    return {budget_of(frame.request), percentile, frame.predicted_ms, s.inputs.width_count};
}

// If the request asks for a time, the times of recent frames may change the channels that the profile chose.
void keep_pace(slimscale_handle &s, QueuedFrame &frame, double now) {
    const double budget_ms = budget_of(frame.request);
    const int index = s.pace.choose(pace_of(s, frame), now);
    frame.width_index = index;
    frame.report.channels = s.channels[index];
    frame.report.predicted_ms = frame.predicted_ms[index];
    frame.report.reason = s.pace.reason();
    frame.report.slowdown = s.pace.slowdown();
    frame.report.meets_budget = frame.predicted_ms[index] * s.pace.slowdown() <= budget_ms;
}

// Runs a frame whose arguments were checked before, on the calling thread.
slimscale_status run_checked(slimscale_handle &s, QueuedFrame &frame, Error &error) {
    const Watch watch{frame.request.progress, frame.request.opaque, &frame.cancelled};
    const ScopedDevice entered(*s.inputs.device, error);
    if (entered.status() != SLIMSCALE_OK)
        return error.status;
    const double begin = now_ms();
    const bool paced = asks_for_time(frame.request);
    if (paced)
        keep_pace(s, frame, begin);
    if (s.plan.run(frame.width_index, frame.input, frame.output, error, nullptr, &watch) != SLIMSCALE_OK)
        return error.status;
    const double end = now_ms();
    const bool complete = frame.input.memory == SLIMSCALE_HOST_MEMORY || frame.output.memory == SLIMSCALE_HOST_MEMORY;
    if (paced && complete)
        s.pace.ended(end, end - begin);
    frame.report.target = s.inputs.targets[frame.width_index]->name;
    frame.report.actual_ms = end - frame.start_ms;
    return SLIMSCALE_OK;
}

// An image without its planes, whose rows come later. All planes get the address of one dummy.
slimscale_image without_planes(const slimscale_image *image) {
    alignas(kAlignment) static unsigned char anywhere[kAlignment];
    slimscale_image frame = copy_in<slimscale_image>(image, SLIMSCALE_IMAGE_INIT);
    const Format *format = find_format(frame.format);
    for (int p = 0; p < 4; p++) {
        frame.planes[p] = anywhere;
        frame.strides[p] = format && frame.width > 0 ? plane_size(*format, frame.width, 1, p).row_bytes : 0;
    }
    frame.memory = SLIMSCALE_HOST_MEMORY;
    return frame;
}

// Checks the arguments of slimscale_begin_rows, then prepares s.rows for the frame. `begins`: the frame follows, so a
// request for another time than before may begin anew.
slimscale_status prepare_rows(slimscale_handle &s, const slimscale_request *request, const slimscale_image *input,
                              const slimscale_image *output, bool begins) {
    if (!input || !output)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "the %s is null", input ? "output" : "input");
    if (busy(s))
        return s.error.status;
    if (check_size(input, "input", s.error) != SLIMSCALE_OK || check_size(output, "output", s.error) != SLIMSCALE_OK)
        return s.error.status;
    if (!s.inputs.backend->uses_threads())
        return s.error.set(SLIMSCALE_UNSUPPORTED_TARGET,
                           "rows are computed on processors and the handle runs on %s; open a processor's target",
                           s.widest_target().name);
    const slimscale_image in = without_planes(input), out = without_planes(output);
    QueuedFrame frame;
    if (check_run(s, request, &in, &out, frame) != SLIMSCALE_OK)
        return s.error.status;
    const bool paced = asks_for_time(frame.request);
    if (paced && (begins || s.pace.same(pace_of(s, frame))))
        keep_pace(s, frame, now_ms());
    if (s.inputs.widths[frame.width_index]->whole_frame)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "%s takes means over the whole frame (channel attention) before it can compute a row; use "
                           "slimscale_run",
                           s.model->name);
    s.rows.prepare(s.plan, frame, s.inputs.color, s.scale);
    s.rows.paced = paced;
    s.rows.report.target = s.inputs.targets[frame.width_index]->name;
    return SLIMSCALE_OK;
}

// Checks rows of a frame that has begun: they have its format and width, and whole chroma rows; `left` are missing.
slimscale_status check_rows(slimscale_handle &s, const slimscale_image *given, const slimscale_image &frame, int left,
                            const char *what, slimscale_image &rows) {
    if (!s.rows.active())
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "no frame of rows has begun; call slimscale_begin_rows");
    if (!given)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "the image of %s is null", what);
    if (check_size(given, what, s.error) != SLIMSCALE_OK)
        return s.error.status;
    rows = copy_in<slimscale_image>(given, SLIMSCALE_IMAGE_INIT);
    if (rows.format != frame.format || rows.width != frame.width)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "%s have another format or width than slimscale_begin_rows was called with", what);
    if (check_image(rows, s.model->colors, what, s.error) != SLIMSCALE_OK)
        return s.error.status;
    if (rows.memory != SLIMSCALE_HOST_MEMORY)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "%s must lie in host memory", what);
    const int sub = format_of(rows.format).sub_y;
    if (rows.height % sub != 0 && rows.height < left)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "%d %s split a row of chroma; give a multiple of %d, or all that are left", rows.height,
                           what, sub);
    return SLIMSCALE_OK;
}

// Releases the device's memory. If its context cannot be entered any more, nothing is released, since the addresses may
// belong to others now.
void close_device_memory(slimscale_handle &s, Device &device) {
    Error ignored;
    const ScopedDevice entered(device, ignored);
    if (entered.status() == SLIMSCALE_OK) {
        s.plan.close();
        for (FilterSet &set : s.filters)
            set.filters.close();
    } else {
        s.plan.forget();
        for (FilterSet &set : s.filters)
            set.filters.forget();
    }
}

}  // namespace

extern "C" {

const char *slimscale_status_text(slimscale_status status) {
    switch (status) {
    case SLIMSCALE_OK:
        return "no error";
    case SLIMSCALE_INVALID_ARGUMENT:
        return "an argument is invalid; slimscale_error names it";
    case SLIMSCALE_INVALID_MODEL:
        return "the model archive or its weights do not fit this library; generate or pack them again";
    case SLIMSCALE_UNKNOWN_CHANNELS:
        return "the width is not compiled in or was not opened; choose one that slimscale_describe lists";
    case SLIMSCALE_UNTRAINED_CHANNELS:
        return "the weights are not trained at this width; choose a trained one, or set allow_untrained";
    case SLIMSCALE_UNSUPPORTED_TARGET:
        return "the target is unknown, not compiled in, or not run by this machine; use \"auto\"";
    case SLIMSCALE_OUT_OF_MEMORY:
        return "the allocator has no more memory; plan smaller frames or set memory_cap";
    case SLIMSCALE_OVER_MEMORY_CAP:
        return "memory_cap is too small for this frame; slimscale_error names the size that would do";
    case SLIMSCALE_NOT_PLANNED:
        return "the frame has another size than the plan; call slimscale_plan first";
    case SLIMSCALE_NOT_PROFILED:
        return "a speed needs a profile; call slimscale_measure_profile and give its table";
    case SLIMSCALE_INVALID_PROFILE:
        return "the profile is of another machine, model or version; measure it again";
    case SLIMSCALE_PIPELINE_FAILED:
        return "a compiled pipeline failed; please report this with slimscale_error's text";
    case SLIMSCALE_DEVICE_FAILED:
        return "the GPU's driver refused or failed; slimscale_error has the driver's own words";
    case SLIMSCALE_CANCELLED:
        return "the frame was cancelled, its output is not whole; the handle is as usable as before";
    case SLIMSCALE_SELF_TEST_FAILED:
        return "a target computes something else than it should; use another target, and mend driver or machine";
    case SLIMSCALE_BUSY:
        return "frames are in flight, or one in rows has begun; slimscale_wait, or slimscale_end_rows, first";
    case SLIMSCALE_STATUS_LARGEST:
        break;
    }
    return "unknown status";
}

const char *slimscale_error(const slimscale_handle *s) {
    return s ? s->error.text : "the handle is null";
}

slimscale_status slimscale_open(const slimscale_model *model, const slimscale_options *options,
                                slimscale_handle **out) {
    const slimscale_options o = copy_in<slimscale_options>(options, SLIMSCALE_OPTIONS_INIT);
    Error error;
    if (!out)
        error.set(SLIMSCALE_INVALID_ARGUMENT, "out is null; pass the address of a handle pointer");
    else if (*out = nullptr;
             check_size(options, "options", error) == SLIMSCALE_OK && check_model(model, error) == SLIMSCALE_OK) {
        const bool none_passed_over[kMaxTargets] = {};
        if (o.self_test)
            open_tested(*model, o, out, error);
        else
            open_model(*model, o, none_passed_over, out, error);
    }
    if (o.error_text && o.error_text_size > 0)
        std::snprintf(o.error_text, o.error_text_size, "%s", error.text);
    return error.status;
}

void slimscale_close(slimscale_handle *s) {
    if (!s)
        return;
    const slimscale_allocator allocator = s->allocator;
    s->queue.close();
    if (Device *device = s->inputs.device) {
        close_device_memory(*s, *device);
        close_device(device, allocator);
    }
    s->~slimscale_handle();
    allocator.release(allocator.opaque, s);
}

slimscale_status slimscale_describe(const slimscale_model *model, slimscale_model_info *info, uint8_t storage[64]) {
    Error error;
    if (!info || !storage || check_size(info, "info", error) != SLIMSCALE_OK)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (check_model(model, error) != SLIMSCALE_OK)
        return error.status;
    if (model->plan_count + model->target_count > 64)
        return SLIMSCALE_INVALID_MODEL;
    slimscale::BlobView blob;
    const bool weights = model->blob && !slimscale::open_blob(model->blob, model->blob_size, &blob);
    for (int i = 0; i < model->plan_count; i++)
        storage[i] = weights && blob.is_trained(static_cast<uint32_t>(model->plans[i].channels));
    for (int i = 0; i < model->target_count; i++)
        storage[model->plan_count + i] = runs_here(model->targets[i]);
    copy_out(info, {sizeof(slimscale_model_info), model->name, model->network, model->scale, model->colors,
                    model->max_channels, model->plan_count, model->channels, storage, model->target_count,
                    model->target_names, storage + model->plan_count});
    return SLIMSCALE_OK;
}

int slimscale_has_ranges(const slimscale_model *model, int channels) {
    Error error;
    slimscale::BlobView blob;
    return check_model(model, error) == SLIMSCALE_OK && model->blob &&
           !slimscale::open_blob(model->blob, model->blob_size, &blob) && blob.q16_ranges(channels) != nullptr;
}

slimscale_status slimscale_describe_target(const slimscale_model *model, const char *target, int device, char *text,
                                           size_t text_size) {
    Error error;
    if (!target || !text || text_size == 0)
        return SLIMSCALE_INVALID_ARGUMENT;
    text[0] = '\0';
    if (check_model(model, error) == SLIMSCALE_OK) {
        if (const slimscale_compiled_target *found = find_target(*model, target))
            return describe_target(*found, {device, nullptr, nullptr}, text, text_size);
        error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s has no target \"%s\" compiled in", model->name, target);
    }
    std::snprintf(text, text_size, "%s", error.text);
    return error.status;
}

const char *slimscale_target(const slimscale_handle *s) {
    return s ? s->widest_target().name : "";
}

const char *slimscale_target_at(const slimscale_handle *s, int channels, slimscale_target_reason *reason) {
    const int index = s ? index_of_width(*s, channels) : -1;
    if (index < 0)
        return "";
    if (reason)
        *reason = s->reasons[index];
    return s->inputs.targets[index]->name;
}

const char *slimscale_target_reason_text(slimscale_target_reason reason) {
    switch (reason) {
    case SLIMSCALE_TARGET_NAMED:
        return "it was named";
    case SLIMSCALE_TARGET_ORDER:
        return "the first in the archive's order";
    case SLIMSCALE_TARGET_FASTEST:
        return "the fastest by the profile";
    }
    return "unknown reason";
}

double slimscale_loss_db(const char *target) {
    slimscale::contract::Target named;
    return target && slimscale::contract::parse_target(target, named) ? loss_db(named.type) : -1;
}

int slimscale_default_threads(void) {
    return default_threads();
}

const char *slimscale_machine(void) {
    return machine_name();
}

const char *slimscale_device(const slimscale_handle *s) {
    return s ? s->inputs.device->name() : "";
}

void *slimscale_cuda_stream(const slimscale_handle *s) {
    return s ? s->inputs.device->stream() : nullptr;
}

slimscale_status slimscale_plan(slimscale_handle *s, int width, int height) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "frames of %d x %d; use 1 to %d pixels each way", width, height,
                            kMaxSide);
    if (width == s->plan.width() && height == s->plan.height())
        return SLIMSCALE_OK;
    if (busy(*s))
        return s->error.status;
    const ScopedDevice entered(*s->inputs.device, s->error);
    return entered.status() == SLIMSCALE_OK ? s->plan.make(s->inputs, width, height, s->error) : s->error.status;
}

slimscale_status slimscale_plan_describe(const slimscale_handle *s, slimscale_plan_info *info) {
    Error error;
    if (!s || !info || check_size(info, "info", error) != SLIMSCALE_OK)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (s->plan.width() == 0)
        return SLIMSCALE_NOT_PLANNED;
    size_t filter_bytes = 0;
    for (const FilterSet &set : s->filters)
        filter_bytes += set.filters.bytes();
    copy_out(info,
             {sizeof(slimscale_plan_info), s->plan.bytes(), filter_bytes, s->plan.band_rows(), s->plan.halo_px()});
    return SLIMSCALE_OK;
}

slimscale_status slimscale_run(slimscale_handle *s, const slimscale_request *request, const slimscale_image *input,
                               const slimscale_image *output, slimscale_report *report) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    QueuedFrame frame;
    frame.start_ms = now_ms();
    if (busy(*s) || check_size(report, "report", s->error) != SLIMSCALE_OK ||
        check_run(*s, request, input, output, frame) != SLIMSCALE_OK ||
        run_checked(*s, frame, s->error) != SLIMSCALE_OK)
        return s->error.status;
    if (report)
        copy_out(report, frame.report);
    return SLIMSCALE_OK;
}

slimscale_status slimscale_submit(slimscale_handle *s, const slimscale_request *request, const slimscale_image *input,
                                  const slimscale_image *output,
                                  void (*done)(void *opaque, uint64_t frame, slimscale_status status,
                                               const slimscale_report *report, const char *error),
                                  uint64_t *frame) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    QueuedFrame queued;
    queued.start_ms = now_ms();
    if (s->rows.active())
        return s->error.set(SLIMSCALE_BUSY, "a frame of rows has begun; end it first (slimscale_end_rows)");
    if (check_run(*s, request, input, output, queued) != SLIMSCALE_OK)
        return s->error.status;
    queued.done = done;
    const auto run = [](void *self, QueuedFrame &one) {
        run_checked(*static_cast<slimscale_handle *>(self), one, one.error);
    };
    const uint64_t number = s->queue.push(queued, run, s, s->error);
    if (frame && number)
        *frame = number;
    return number ? SLIMSCALE_OK : s->error.status;
}

slimscale_status slimscale_wait(slimscale_handle *s, uint64_t frame, slimscale_report *report) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (s->queue.on_own_thread())
        return s->error.set(SLIMSCALE_BUSY, "`done` cannot wait: it runs before its frame has ended");
    const QueuedFrame *ended = s->queue.wait(frame);
    if (check_size(report, "report", s->error) != SLIMSCALE_OK)  // not before: the planes may be given back afterwards
        return s->error.status;
    if (!ended)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT,
                            "frame %llu was not submitted, or two others were since; wait for the last two",
                            static_cast<unsigned long long>(frame));
    if (ended->error.status != SLIMSCALE_OK)
        return s->error.set(ended->error.status, "%s", ended->error.text);
    if (report)
        copy_out(report, ended->report);
    return SLIMSCALE_OK;
}

slimscale_status slimscale_cancel(slimscale_handle *s, uint64_t frame) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    s->queue.cancel(frame);
    return SLIMSCALE_OK;
}

slimscale_status slimscale_describe_rows(slimscale_handle *s, const slimscale_request *request,
                                         const slimscale_image *input, const slimscale_image *output,
                                         slimscale_rows_info *info) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (!info)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "info is null; give it");
    if (check_size(info, "info", s->error) != SLIMSCALE_OK)
        return s->error.status;
    if (prepare_rows(*s, request, input, output, false) != SLIMSCALE_OK)
        return s->error.status;
    const slimscale_report &report = s->rows.report;
    const int latency = s->rows.latency_rows();
    copy_out(info, {sizeof(slimscale_rows_info), report.channels, latency,
                    report.predicted_ms * latency / s->rows.input().height, s->rows.bytes()});
    return SLIMSCALE_OK;
}

slimscale_status slimscale_begin_rows(slimscale_handle *s, const slimscale_request *request,
                                      const slimscale_image *input, const slimscale_image *output) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (prepare_rows(*s, request, input, output, true) != SLIMSCALE_OK)
        return s->error.status;
    if (!s->rows.begin(s->allocator))
        return s->error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no %zu bytes for the rows of a frame",
                            s->rows.bytes());
    return SLIMSCALE_OK;
}

slimscale_status slimscale_push_rows(slimscale_handle *s, const slimscale_image *rows, int *pushed) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    slimscale_image in = SLIMSCALE_IMAGE_INIT;
    int count = 0;
    if (check_rows(*s, rows, s->rows.input(), s->rows.rows_to_push(), "input rows", in) != SLIMSCALE_OK)
        return s->error.status;
    if (!pushed)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "pushed is null; give it");
    if (in.height > s->rows.rows_to_push())
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "%d rows are given and the frame lacks %d", in.height,
                            s->rows.rows_to_push());
    const slimscale_status status = s->rows.push(s->plan, in, count, s->error);
    *pushed = count;
    return status;
}

slimscale_status slimscale_take_rows(slimscale_handle *s, const slimscale_image *rows, int *taken) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    slimscale_image out = SLIMSCALE_IMAGE_INIT;
    int count = 0;
    if (check_rows(*s, rows, s->rows.output(), s->rows.rows_to_take(), "output rows", out) != SLIMSCALE_OK)
        return s->error.status;
    if (!taken)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "taken is null; give it");
    const slimscale_status status = s->rows.take(s->plan, out, count, s->error);
    *taken = count;
    return status;
}

slimscale_status slimscale_end_rows(slimscale_handle *s, slimscale_report *report) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (!s->rows.active())
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "no frame of rows has begun; call slimscale_begin_rows");
    if (check_size(report, "report", s->error) != SLIMSCALE_OK)
        return s->error.status;
    if (s->rows.rows_to_take() == 0 && s->rows.paced)
        s->pace.ended(now_ms(), s->rows.report.actual_ms);
    s->rows.end();
    if (report)
        copy_out(report, s->rows.report);
    return SLIMSCALE_OK;
}

slimscale_status slimscale_synchronize(slimscale_handle *s) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (busy(*s))
        return s->error.status;
    Device &device = *s->inputs.device;
    const ScopedDevice entered(device, s->error);
    return entered.status() == SLIMSCALE_OK ? device.finish(s->error) : entered.status();
}

slimscale_status slimscale_self_test(const slimscale_model *model, const slimscale_options *options,
                                     slimscale_self_test_result *results, int *count) {
    Error error;
    if (!results || !count || *count < 0)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (check_size(options, "options", error) != SLIMSCALE_OK || check_model(model, error) != SLIMSCALE_OK)
        return error.status;
    for (int i = 0; i < *count && i < static_cast<int>(model->target_count); i++)
        if (check_size(&results[i], "results", error) != SLIMSCALE_OK)
            return error.status;
    const slimscale_options o = copy_in<slimscale_options>(options, SLIMSCALE_OPTIONS_INIT);
    *count = std::min(*count, static_cast<int>(model->target_count));
    slimscale_status status = SLIMSCALE_OK;
    for (int i = 0; i < *count; i++) {
        slimscale_self_test_result result{};
        test_target(*model, o, model->targets[i], result);
        if (result.status == SLIMSCALE_SELF_TEST_FAILED)
            status = result.status;
        copy_out(&results[i], result);
    }
    return status;
}

size_t slimscale_range_count(const slimscale_handle *s) {
    return s ? s->filter_count * SLIMSCALE_RANGES_PER_FILTER : 0;
}

slimscale_status slimscale_measure_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                          float *ranges, size_t count) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    RangeProbe probe;
    probe.ranges = ranges;
    return run_probed(*s, channels, input, count, slimscale_range_count(s), probe);
}

size_t slimscale_bin_count(const slimscale_handle *s) {
    return s ? s->filter_count * SLIMSCALE_BINS_PER_FILTER : 0;
}

slimscale_status slimscale_count_values(slimscale_handle *s, int channels, const slimscale_image *input,
                                        uint64_t *counts, size_t count) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    RangeProbe probe;
    probe.counts = counts;
    return run_probed(*s, channels, input, count, slimscale_bin_count(s), probe);
}

slimscale_status slimscale_test_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                       const float *ranges, size_t count, uint64_t *beyond, uint64_t *total) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (!beyond || !total)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "beyond or total is null; pass the address of both counts");
    RangeProbe probe;
    probe.limits = ranges;
    if (run_probed(*s, channels, input, count, slimscale_range_count(s), probe) != SLIMSCALE_OK)
        return s->error.status;
    *beyond += probe.saturated;
    *total += probe.total;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_measure_profile(slimscale_handle *s, double budget_ms, slimscale_profile *out) {
    if (!s)
        return SLIMSCALE_INVALID_ARGUMENT;
    if (!out || budget_ms < 0)
        return s->error.set(SLIMSCALE_INVALID_ARGUMENT, "out is null, or budget_ms is negative");
    if (busy(*s))
        return s->error.status;
    const ScopedDevice entered(*s->inputs.device, s->error);
    slimscale_profile profile{};
    if (entered.status() != SLIMSCALE_OK ||
        measure_profile(s->inputs, budget_ms > 0 ? budget_ms : kProfileMs, profile, s->error) != SLIMSCALE_OK)
        return s->error.status;
    *out = profile;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_merge_profile(slimscale_profile *into, const slimscale_profile *from) {
    Error error;
    return into && from ? merge_profile(*into, *from, error) : SLIMSCALE_INVALID_ARGUMENT;
}

const char *slimscale_reason_text(slimscale_reason reason) {
    switch (reason) {
    case SLIMSCALE_REASON_REQUEST:
        return "the request names them";
    case SLIMSCALE_REASON_PROFILE:
        return "the most that meet the time by the profile";
    case SLIMSCALE_REASON_SLOWER:
        return "the machine is slower than its profile";
    case SLIMSCALE_REASON_FASTER:
        return "recent frames leave time for more";
    case SLIMSCALE_REASON_FEWEST:
        return "even the fewest take longer";
    }
    return "unknown reason";
}

size_t slimscale_profile_to_text(const slimscale_profile *profile, char *text, size_t text_size) {
    return profile ? profile_to_text(*profile, text, text_size) : 0;
}

slimscale_status slimscale_profile_from_text(const char *text, size_t text_size, slimscale_profile *out,
                                             char *error_text, size_t error_text_size) {
    Error error;
    if (!text || !out)
        error.set(SLIMSCALE_INVALID_ARGUMENT, "the text or out is null; give both");
    else
        profile_from_text(text, text_size, *out, error);
    if (error_text && error_text_size > 0)
        std::snprintf(error_text, error_text_size, "%s", error.text);
    return error.status;
}

slimscale_status slimscale_choose(const slimscale_profile *profile, const char *target, int threads,
                                  const int *channels, int channels_length, int width_px, int height_px,
                                  double budget_ms, int *chosen, double *predicted_ms, int *meets_budget) {
    if (!profile || !target || !channels || channels_length < 1 || !chosen)
        return SLIMSCALE_INVALID_ARGUMENT;
    Choice choice{};
    if (!choose(*profile, {target, nullptr, threads, channels, channels_length, width_px, height_px, budget_ms},
                choice))
        return SLIMSCALE_INVALID_PROFILE;
    *chosen = choice.channels;
    if (predicted_ms)
        *predicted_ms = choice.predicted_ms;
    if (meets_budget)
        *meets_budget = choice.meets_budget;
    return SLIMSCALE_OK;
}

}  // extern "C"
