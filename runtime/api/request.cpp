#include "runtime/api/request.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "runtime/api/choice.h"

namespace slimscale::runtime {

namespace {

// Checks that an image lies in memory that the device reads, and that kernels can index all of it.
slimscale_status check_memory(slimscale_handle &s, const slimscale_image &image) {
    const bool on_host = image.memory == SLIMSCALE_HOST_MEMORY;
    if (on_host && s.inputs.device_images)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "an image lies in host memory and options.device_images says "
                                                       "that none does; open without it");
    if (!s.inputs.device->takes_images_in(image.memory))
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "an image's memory is %d and the handle runs on %s; CUDA memory needs a \"cuda\" target, "
                           "all others take SLIMSCALE_HOST_MEMORY",
                           static_cast<int>(image.memory), s.widest_target().name);
    if (on_host)
        return SLIMSCALE_OK;
    for (int p = 0; p < plane_count(format_of(image.format), s.model->colors); p++) {
        const ptrdiff_t most = INT_MAX / image.height;
        if (image.strides[p] > most || image.strides[p] < -most)
            return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                               "an image in device memory has %d rows %td bytes apart; kernels index up to %d bytes",
                               image.height, image.strides[p], INT_MAX);
    }
    return SLIMSCALE_OK;
}

// Predicts the time of every opened width at the planned size. False: the profile lacks a row.
bool predict_all(const slimscale_handle &s, const slimscale_request &request, double *predicted_ms) {
    for (int i = 0; i < s.inputs.width_count; i++) {
        Choice choice{};
        const ChoiceInputs one{
            s.inputs.targets[i]->name, nullptr, s.inputs.pool.workers, &s.channels[i], 1, s.plan.width(),
            s.plan.height(),           HUGE_VAL};
        if (!choose(*request.profile, one, choice) || !(choice.predicted_ms > 0))
            return false;
        predicted_ms[i] = choice.predicted_ms;
    }
    return true;
}

}  // namespace

int index_of_width(const slimscale_handle &s, int channels) {
    for (int i = 0; i < s.inputs.width_count; i++)
        if (s.channels[i] == channels)
            return i;
    return -1;
}

slimscale_status not_opened(slimscale_handle &s, int channels) {
    return s.error.set(SLIMSCALE_UNKNOWN_CHANNELS,
                       "the width of %d channels was not opened; name it in options.channels", channels);
}

slimscale_status check_planned(slimscale_handle &s, const slimscale_image &in) {
    if (s.plan.width() == 0)
        return s.error.set(SLIMSCALE_NOT_PLANNED, "nothing is planned yet; call slimscale_plan for %d x %d first",
                           in.width, in.height);
    if (in.width != s.plan.width() || in.height != s.plan.height())
        return s.error.set(SLIMSCALE_NOT_PLANNED,
                           "the frame is %d x %d and the plan %d x %d; call slimscale_plan for this size first",
                           in.width, in.height, s.plan.width(), s.plan.height());
    return SLIMSCALE_OK;
}

slimscale_status check_frame(slimscale_handle &s, const slimscale_image &in, const slimscale_image &out) {
    if (check_image(in, s.model->colors, "input", s.error) != SLIMSCALE_OK ||
        check_image(out, s.model->colors, "output", s.error) != SLIMSCALE_OK)
        return s.error.status;
    if (check_planned(s, in) != SLIMSCALE_OK)
        return s.error.status;
    if (check_memory(s, in) != SLIMSCALE_OK || check_memory(s, out) != SLIMSCALE_OK)
        return s.error.status;
    if (out.width != in.width * s.scale || out.height != in.height * s.scale)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "the output is %d x %d and must be %d x %d: %d times the input",
                           out.width, out.height, in.width * s.scale, in.height * s.scale, s.scale);
    return SLIMSCALE_OK;
}

double budget_of(const slimscale_request &request) {
    return request.frames_per_second > 0 ? 1000 / request.frames_per_second : request.budget_ms;
}

bool asks_for_time(const slimscale_request &request) {
    return request.channels == 0 && request.profile && budget_of(request) > 0;
}

slimscale_status choose_width(slimscale_handle &s, QueuedFrame &frame) {
    const slimscale_request &request = frame.request;
    slimscale_report &report = frame.report;
    if (!(request.budget_ms >= 0) || !(request.frames_per_second >= 0))
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT,
                           "budget_ms and frames_per_second must be 0 (no limit), or one of them a number above");
    if (request.budget_ms > 0 && request.frames_per_second > 0)
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "budget_ms and frames_per_second both ask for a time; give one");
    if (!(request.percentile >= 0 && request.percentile < 100))
        return s.error.set(SLIMSCALE_INVALID_ARGUMENT, "percentile is %g; use 0 (99) or a number below 100",
                           request.percentile);
    const double budget_ms = budget_of(request);
    report.meets_budget = 1;
    report.channels = request.channels ? request.channels : s.channels[s.inputs.width_count - 1];
    const int widest = index_of_width(s, report.channels);
    if (widest < 0)
        return not_opened(s, report.channels);
    frame.width_index = widest;
    if (!request.profile && budget_ms > 0)
        return s.error.set(SLIMSCALE_NOT_PROFILED,
                           "a speed was requested without a profile; call slimscale_measure_profile once and give its "
                           "table");
    if (!request.profile)
        return SLIMSCALE_OK;
    if (check_profile(*request.profile, s.model->name, s.inputs.device->name(), s.error) != SLIMSCALE_OK)
        return s.error.status;
    // If the request names channels, these are the only choice.
    const int narrowest = request.channels || budget_ms == 0 ? widest : 0;
    const char *targets[kMaxWidths];
    for (int i = 0; i < s.inputs.width_count; i++)
        targets[i] = s.inputs.targets[i]->name;
    ChoiceInputs inputs{};
    inputs.targets = targets + narrowest;
    inputs.threads = s.inputs.pool.workers;
    inputs.channels = s.channels + narrowest;
    inputs.channels_length = widest - narrowest + 1;
    inputs.width_px = s.plan.width();
    inputs.height_px = s.plan.height();
    inputs.budget_ms = budget_ms > 0 ? budget_ms : HUGE_VAL;
    Choice choice{};
    if (!choose(*request.profile, inputs, choice) ||
        (asks_for_time(request) && !predict_all(s, request, frame.predicted_ms)))
        return s.error.set(SLIMSCALE_INVALID_PROFILE,
                           "the profile has no row for every opened width on its target (%s at the most channels) with "
                           "%d threads; measure it again",
                           s.widest_target().name, inputs.threads);
    report.channels = choice.channels;
    report.predicted_ms = choice.predicted_ms;
    report.meets_budget = choice.meets_budget;
    if (asks_for_time(request))
        report.reason = choice.meets_budget ? SLIMSCALE_REASON_PROFILE : SLIMSCALE_REASON_FEWEST;
    frame.width_index = index_of_width(s, choice.channels);
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
