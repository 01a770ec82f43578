// A stand-in for the library and its models, which upscales by repeating pixels and takes time by its width. With it
// the command line is tested without any compiled network, and every answer is known in advance.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "contract/value_bins.h"
#include "host/registry.h"
#include "runtime/api/choice.h"
#include "runtime/api/profile_text.h"
#include "slimscale/slimscale.h"
#include "tests/cli/fake_library.h"

int slimscale_fake_plans = 0;
int slimscale_fake_rows = 0;

struct slimscale_model {
    const char *name, *network;
    int scale, colors;
    bool trained[3];
};

struct slimscale_handle {
    const slimscale_model *model;
    std::vector<int> widths;
    int threads;
    std::map<int, std::string> targets{};  // by channels
    int planned_width = 0, planned_height = 0;
    char error[256] = "";
    // A frame in rows: the rows that were pushed, all of them, and how many results were taken.
    slimscale_image rows_of{}, results_of{};
    std::vector<char> pushed_rows{};
    int pushed = 0, taken = 0;
};

namespace {

constexpr int kWidths[] = {16, 32, 64};
constexpr const char *kTargets[] = {"fast", "baseline", "elsewhere"};
constexpr double kNsPerPixelAndChannel = 1000, kLossDb = 0.004;
// A network like EDSR with one block: head, two convolutions of the block, one after the body, upsampler and tail. The
// second to the fourth convolution are computed by Winograd and have ranges.
constexpr size_t kFilters = 6;
constexpr size_t kFirstRange = 1 * SLIMSCALE_RANGES_PER_FILTER, kEndRange = 4 * SLIMSCALE_RANGES_PER_FILTER;

// Of frames in rows.
constexpr int kLatencyRows = 3, kMostWaitingRows = 7;

const slimscale_model kPlain{"fake_x2", "fake", 2, 3, {true, false, true}};
const slimscale_model kFour{"fake_x4", "fake", 4, 3, {false, false, true}};
const slimscale_model kUntrained{"raw_x2", "raw", 2, 3, {false, false, false}};
const slimscale_model kLuma{"fake_luma_x2", "fake", 2, 1, {true, false, true}};

slimscale_status fail(slimscale_handle *s, slimscale_status status, const char *text) {
    std::snprintf(s->error, sizeof s->error, "%s", text);
    return status;
}

// Whether a network of so many colors takes the format; the command line uses no others.
bool takes(slimscale_format format, int colors) {
    slimscale_format_info info{};
    info.size = sizeof info;
    if (slimscale_describe_format(format, &info) != SLIMSCALE_OK)
        return false;
    return colors == 1 || info.model != SLIMSCALE_MODEL_GRAY;
}

// Whether the images are of one format, which the model takes, and of the planned size and its multiple.
bool fits_plan(const slimscale_handle &s, const slimscale_image &input, const slimscale_image &output) {
    const int scale = s.model->scale;
    return takes(input.format, s.model->colors) && input.format == output.format &&
           output.width == scale * input.width && output.height == scale * input.height &&
           input.width == s.planned_width && input.height == s.planned_height;
}

// Repeats the units of a plane that has one for each pixel, or for each chroma sample.
void repeat_units(const slimscale_image &input, const slimscale_image &output, int plane, int scale) {
    size_t from_bytes = 0, to_bytes = 0;
    int from_rows = 0, to_rows = 0;
    slimscale_plane_size(input.format, input.width, input.height, plane, &from_bytes, &from_rows);
    slimscale_plane_size(output.format, output.width, output.height, plane, &to_bytes, &to_rows);
    slimscale_format_info info{};
    info.size = sizeof info;
    slimscale_describe_format(input.format, &info);
    const int sub = plane > 0 ? info.subsampling_x : 1;
    const int from_units = (input.width + sub - 1) / sub, to_units = (output.width + sub - 1) / sub;
    const size_t unit = from_bytes / static_cast<size_t>(from_units);
    for (int y = 0; y < to_rows; y++)
        for (int x = 0; x < to_units; x++)
            std::memcpy(static_cast<char *>(output.planes[plane]) + y * output.strides[plane] + x * unit,
                        static_cast<const char *>(input.planes[plane]) + y / scale * input.strides[plane] +
                            x / scale * unit,
                        unit);
}

// What "auto" takes: "fast", if its loss is allowed, or "baseline" where the profile shows that to be faster.
std::string fastest(const slimscale_options &options, int channels) {
    if (options.loss_db < kLossDb)
        return "baseline";
    double least = HUGE_VAL;
    std::string target = "fast";
    for (uint32_t i = 0; options.profile && i < options.profile->cost_count; i++) {
        const slimscale_cost &row = options.profile->costs[i];
        if (row.channels == channels && row.threads == options.threads && row.ns_per_pixel < least) {
            least = row.ns_per_pixel;
            target = row.target;
        }
    }
    return target;
}

// "baseline" is faster at 16 channels, "fast" at more.
void add_cost(slimscale_profile &profile, const slimscale_handle &s, int channels) {
    slimscale_cost &row = profile.costs[profile.cost_count++];
    const std::string &target = s.targets.at(channels);
    const double share = target == "fast" ? 1 : channels == 16 ? 0.5 : 2;
    row = {channels, s.threads, "", 0, kNsPerPixelAndChannel * channels * share};
    std::snprintf(row.target, sizeof row.target, "%s", target.c_str());
}

// The largest sample of the first plane, of floats.
float brightest(const slimscale_image &input) {
    const float *plane = static_cast<const float *>(input.planes[0]);
    return *std::max_element(plane, plane + input.width * input.height);
}

}  // namespace

extern "C" {

const slimscale_model *const slimscale_models[] = {&kLuma, &kFour, &kUntrained, &kPlain, nullptr};

const char *slimscale_status_text(slimscale_status) {
    return "a general sentence";
}

const char *slimscale_error(const slimscale_handle *s) {
    return s->error;
}

const char *slimscale_target(const slimscale_handle *s) {
    return s->targets.at(s->widths.back()).c_str();
}

const char *slimscale_target_at(const slimscale_handle *s, int channels, slimscale_target_reason *reason) {
    if (reason)
        *reason = s->targets.at(channels) == "fast" ? SLIMSCALE_TARGET_ORDER : SLIMSCALE_TARGET_FASTEST;
    return s->targets.at(channels).c_str();
}

const char *slimscale_target_reason_text(slimscale_target_reason reason) {
    return reason == SLIMSCALE_TARGET_ORDER ? "the first" : "the fastest";
}

double slimscale_loss_db(const char *target) {
    return std::strcmp(target, "fast") == 0 ? kLossDb : 0;
}

const char *slimscale_device(const slimscale_handle *) {
    return slimscale_machine();
}

slimscale_status slimscale_describe_target(const slimscale_model *, const char *target, int, char *text,
                                           size_t text_size) {
    const bool here = std::strcmp(target, "elsewhere") != 0;
    std::snprintf(text, text_size, "%s", here ? slimscale_machine() : "this machine has no such thing");
    return here ? SLIMSCALE_OK : SLIMSCALE_UNSUPPORTED_TARGET;
}

int slimscale_default_threads(void) {
    return 5;  // most likely not the number of the machine that runs this test
}

const char *slimscale_machine(void) {
    return "Fake CPU (R) @ 1 GHz";
}

slimscale_status slimscale_describe(const slimscale_model *model, slimscale_model_info *info, uint8_t storage[64]) {
    std::copy(model->trained, model->trained + 3, storage);
    storage[3] = storage[4] = 1;
    storage[5] = 0;
    *info = {sizeof *info, model->name, model->network, model->scale, model->colors, 64, 3, kWidths,
             storage,      3,           kTargets,       storage + 3};
    return SLIMSCALE_OK;
}

slimscale_status slimscale_open(const slimscale_model *model, const slimscale_options *options,
                                slimscale_handle **out) {
    *out = nullptr;
    const std::string target = options->target;
    if (target != "auto" && target != "fast" && target != "baseline") {
        std::snprintf(options->error_text, options->error_text_size, "target %s is unknown", options->target);
        return SLIMSCALE_UNSUPPORTED_TARGET;
    }
    *out = new slimscale_handle{
        model, {options->channels, options->channels + options->channels_length}, options->threads};
    for (const int channels : (*out)->widths)
        (*out)->targets[channels] = target == "auto" ? fastest(*options, channels) : target;
    return SLIMSCALE_OK;
}

void slimscale_close(slimscale_handle *s) {
    delete s;
}

slimscale_status slimscale_plan(slimscale_handle *s, int width, int height) {
    if (width == 13)
        return fail(s, SLIMSCALE_OVER_MEMORY_CAP, "the memory cap is too small");
    s->planned_width = width;
    s->planned_height = height;
    slimscale_fake_plans++;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_plan_describe(const slimscale_handle *, slimscale_plan_info *info) {
    info->workspace_bytes = 1000;
    info->weights_bytes = 3 << 20;
    info->band_rows = 16;
    info->halo_px = 3;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_run(slimscale_handle *s, const slimscale_request *request, const slimscale_image *input,
                               const slimscale_image *output, slimscale_report *report) {
    if (!fits_plan(*s, *input, *output))
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "the images do not fit the plan");
    slimscale_format_info info{};
    info.size = sizeof info;
    slimscale_describe_format(input->format, &info);
    const int planes = info.model == SLIMSCALE_MODEL_PLANAR ? s->model->colors : info.planes;
    for (int plane = 0; plane < planes; plane++)
        repeat_units(*input, *output, plane, s->model->scale);
    if (!report)
        return SLIMSCALE_OK;
    report->channels = s->widths.back();
    report->meets_budget = 1;
    if (request->budget_ms > 0) {
        if (!request->profile)
            return fail(s, SLIMSCALE_NOT_PROFILED, "no profile");
        report->meets_budget = 0;
        for (auto width = s->widths.rbegin(); width != s->widths.rend() && !report->meets_budget; ++width)
            slimscale_choose(request->profile, s->targets.at(*width).c_str(), s->threads, &*width, 1, input->width,
                             input->height, request->budget_ms, &report->channels, &report->predicted_ms,
                             &report->meets_budget);
    }
    report->target = s->targets.at(report->channels).c_str();
    report->actual_ms = kNsPerPixelAndChannel * report->channels * input->width * input->height / 1e6;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_describe_rows(slimscale_handle *s, const slimscale_request *, const slimscale_image *input,
                                         const slimscale_image *output, slimscale_rows_info *info) {
    if (!fits_plan(*s, *input, *output))
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "the images do not fit the plan");
    info->channels = s->widths.back();
    info->latency_rows = kLatencyRows;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_begin_rows(slimscale_handle *s, const slimscale_request *request,
                                      const slimscale_image *input, const slimscale_image *output) {
    slimscale_rows_info info{};
    const slimscale_status status = slimscale_describe_rows(s, request, input, output, &info);
    if (status != SLIMSCALE_OK)
        return status;
    s->rows_of = *input;
    s->results_of = *output;
    s->pushed_rows.clear();
    s->pushed = s->taken = 0;
    slimscale_fake_rows++;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_push_rows(slimscale_handle *s, const slimscale_image *rows, int *pushed) {
    const int waiting = s->pushed - s->taken / s->model->scale;
    *pushed = std::min(rows->height, kMostWaitingRows - waiting);
    if (s->pushed + rows->height > s->rows_of.height || rows->width != s->rows_of.width)
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "rows of another image");
    const auto bytes = static_cast<size_t>(rows->strides[0]);
    const char *from = static_cast<const char *>(rows->planes[0]);
    s->pushed_rows.insert(s->pushed_rows.end(), from, from + bytes * static_cast<size_t>(*pushed));
    s->pushed += *pushed;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_take_rows(slimscale_handle *s, const slimscale_image *rows, int *taken) {
    const int scale = s->model->scale;
    const int ready = s->pushed == s->rows_of.height ? s->pushed : std::max(0, s->pushed - kLatencyRows);
    *taken = std::min(rows->height, scale * ready - s->taken);
    slimscale_image line = s->rows_of, results = *rows;
    line.height = 1;
    results.height = 1;
    line.strides[0] = static_cast<ptrdiff_t>(s->pushed_rows.size()) / s->pushed;
    for (int i = 0; i < *taken; i++) {
        line.planes[0] = s->pushed_rows.data() + (s->taken + i) / scale * line.strides[0];
        results.planes[0] = static_cast<char *>(rows->planes[0]) + i * rows->strides[0];
        repeat_units(line, results, 0, scale);
    }
    s->taken += *taken;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_end_rows(slimscale_handle *s, slimscale_report *report) {
    if (!report)
        return SLIMSCALE_OK;
    report->channels = s->widths.back();
    report->target = s->targets.at(report->channels).c_str();
    report->meets_budget = 1;
    report->actual_ms = kNsPerPixelAndChannel * report->channels * s->rows_of.width * s->rows_of.height / 1e6;
    return s->taken == s->results_of.height ? SLIMSCALE_OK
                                            : fail(s, SLIMSCALE_INVALID_ARGUMENT, "the frame is not complete");
}

int slimscale_has_ranges(const slimscale_model *model, int channels) {
    return model == &kFour && channels == 64;
}

size_t slimscale_range_count(const slimscale_handle *) {
    return kFilters * SLIMSCALE_RANGES_PER_FILTER;
}

// On "baseline" alone, which computes in f32.
slimscale_status slimscale_measure_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                          float *ranges, size_t count) {
    if (s->targets.at(channels) != "baseline")
        return fail(s, SLIMSCALE_UNSUPPORTED_TARGET, "ranges are measured in f32");
    if (count != slimscale_range_count(s) || input->width != s->planned_width || input->height != s->planned_height)
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "the ranges or the image do not fit");
    for (size_t f = kFirstRange; f < kEndRange; f++)
        ranges[f] = std::max(ranges[f], brightest(*input) * static_cast<float>(channels));
    return SLIMSCALE_OK;
}

size_t slimscale_bin_count(const slimscale_handle *) {
    return kFilters * SLIMSCALE_BINS_PER_FILTER;
}

slimscale_status slimscale_count_values(slimscale_handle *s, int channels, const slimscale_image *input,
                                        uint64_t *counts, size_t count) {
    if (count != slimscale_bin_count(s) || input->width != s->planned_width || input->height != s->planned_height)
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "the counts or the image do not fit");
    for (size_t f = kFirstRange / SLIMSCALE_RANGES_PER_FILTER; f < kEndRange / SLIMSCALE_RANGES_PER_FILTER; f++)
        counts[f * SLIMSCALE_BINS_PER_FILTER +
               static_cast<size_t>(slimscale::contract::value_bin(brightest(*input) * static_cast<float>(channels)))]++;
    return SLIMSCALE_OK;
}

slimscale_status slimscale_test_ranges(slimscale_handle *s, int channels, const slimscale_image *input,
                                       const float *ranges, size_t count, uint64_t *beyond, uint64_t *total) {
    if (count != slimscale_range_count(s) || input->width != s->planned_width || input->height != s->planned_height)
        return fail(s, SLIMSCALE_INVALID_ARGUMENT, "the ranges or the image do not fit");
    for (size_t f = kFirstRange; f < kEndRange; f++) {
        *beyond += brightest(*input) * static_cast<float>(channels) > ranges[f];
        ++*total;
    }
    return SLIMSCALE_OK;
}

slimscale_status slimscale_measure_profile(slimscale_handle *s, double, slimscale_profile *out) {
    *out = {};
    out->size = sizeof *out;
    out->version = SLIMSCALE_PROFILE_VERSION;
    std::snprintf(out->model, sizeof out->model, "%s", s->model->name);
    std::snprintf(out->machine, sizeof out->machine, "%s", slimscale_machine());
    for (int width : s->widths)
        add_cost(*out, *s, width);
    return SLIMSCALE_OK;
}

slimscale_status slimscale_merge_profile(slimscale_profile *into, const slimscale_profile *from) {
    slimscale::runtime::Error error;
    return slimscale::runtime::merge_profile(*into, *from, error);
}

// On one model "baseline" fails as a faulty processor would, or the whole model is refused as a damaged one is.
slimscale_status slimscale_self_test(const slimscale_model *model, const slimscale_options *,
                                     slimscale_self_test_result *results, int *count) {
    const char *fault = model == &kFour ? std::getenv("SLIMSCALE_FAKE_FAULT") : nullptr;
    if (fault && std::strcmp(fault, "refused") == 0)
        return SLIMSCALE_INVALID_MODEL;
    slimscale_status all = SLIMSCALE_OK;
    *count = std::min(*count, static_cast<int>(std::size(kTargets)));
    for (int i = 0; i < *count; i++) {
        const bool fails = fault && i == 1;
        results[i].status = fails ? SLIMSCALE_SELF_TEST_FAILED : SLIMSCALE_OK;
        std::snprintf(results[i].target, sizeof results[i].target, "%s", kTargets[i]);
        std::snprintf(results[i].text, sizeof results[i].text, "%s", fails ? "baseline computes wrongly" : "");
        all = fails ? SLIMSCALE_SELF_TEST_FAILED : all;
    }
    return all;
}

size_t slimscale_profile_to_text(const slimscale_profile *profile, char *text, size_t text_size) {
    return slimscale::runtime::profile_to_text(*profile, text, text_size);
}

slimscale_status slimscale_profile_from_text(const char *text, size_t text_size, slimscale_profile *out, char *,
                                             size_t) {
    slimscale::runtime::Error error;
    return slimscale::runtime::profile_from_text(text, text_size, *out, error);
}

const char *slimscale_reason_text(slimscale_reason) {
    return "a reason";
}

slimscale_status slimscale_choose(const slimscale_profile *profile, const char *target, int, const int *channels,
                                  int channels_length, int width_px, int height_px, double budget_ms, int *chosen,
                                  double *predicted_ms, int *meets_budget) {
    for (int i = channels_length - 1; i >= 0; i--) {
        const slimscale_cost *end = profile->costs + profile->cost_count;
        const slimscale_cost *row = std::find_if(profile->costs, end, [&](const slimscale_cost &cost) {
            return cost.channels == channels[i] && std::strcmp(cost.target, target) == 0;
        });
        if (row == end)
            return SLIMSCALE_INVALID_PROFILE;
        *predicted_ms = row->ns_per_pixel * width_px * height_px / 1e6;
        *chosen = channels[i];
        const bool meets = *predicted_ms <= budget_ms;
        if (meets_budget)
            *meets_budget = meets;
        if (meets)
            break;
    }
    return SLIMSCALE_OK;
}

}  // extern "C"
