#include "runtime/api/profile.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "runtime/api/targets.h"

namespace slimscale::runtime {

namespace {

// The frame sizes to time, from one with only fixed cost to one whose rows do not fit a cache. Most are 16:9, as video.
struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{8, 8},     {16, 16},   {32, 32},   {96, 64},    {192, 112},
                           {320, 180}, {480, 272}, {640, 360}, {1280, 720}, {1920, 1080}};
constexpr int kMostRounds = 7;
constexpr int kFitted = 4;  // only the largest sizes are fitted: a wrong prediction of a small frame costs little time

struct Sample {
    double pixels, ms;
};

// The median time of the frames that fit into budget_ms, at least one: the usual time, not the shortest.
slimscale_status time_size(const PlanInputs &inputs, int width_index, Size size, double budget_ms, Sample &sample,
                           Error &error) {
    PlanInputs one = inputs;
    one.widths[0] = inputs.widths[width_index];
    one.targets[0] = inputs.targets[width_index];
    one.filters[0] = inputs.filters[width_index];
    one.width_count = 1;
    one.device_images = false;  // the pictures below lie in host memory
    FramePlan plan;
    if (const slimscale_status status = plan.make(one, size.width, size.height, error))
        return status;

    const size_t pixels = static_cast<size_t>(size.width) * static_cast<size_t>(size.height);
    const int scale = inputs.scale;
    const size_t colors = static_cast<size_t>(inputs.color.colors),
                 area = static_cast<size_t>(scale) * static_cast<size_t>(scale);
    Block images;
    if (!images.allocate(inputs.allocator, pixels * colors * (1 + area)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY,
                         "the allocator has no memory for the pictures that a profile is measured on");
    for (size_t i = 0; i < pixels * colors; i++)
        images.data()[i] = static_cast<unsigned char>(i * 2654435761u >> 24);
    slimscale_image in = SLIMSCALE_IMAGE_INIT, out = SLIMSCALE_IMAGE_INIT;
    in.format = out.format = colors == 3 ? SLIMSCALE_RGB8 : SLIMSCALE_GRAY8;
    in.width = size.width, in.height = size.height;
    out.width = size.width * scale, out.height = size.height * scale;
    in.planes[0] = images.data();
    out.planes[0] = images.data() + pixels * colors;
    in.strides[0] = static_cast<ptrdiff_t>(in.width) * inputs.color.colors;
    out.strides[0] = static_cast<ptrdiff_t>(out.width) * inputs.color.colors;

    double times[kMostRounds], last = 0;  // times in ascending order
    int rounds = 0;
    const double start = now_ms();
    if (const slimscale_status status = plan.run(0, in, out, error))  // warm-up
        return status;
    do {
        const double before = now_ms();
        if (const slimscale_status status = plan.run(0, in, out, error))
            return status;
        last = now_ms() - before;
        double *place = std::upper_bound(times, times + rounds, last);
        std::copy_backward(place, times + rounds, times + rounds + 1);
        *place = last;
        rounds++;
    } while (rounds < kMostRounds && now_ms() - start + last < budget_ms);
    sample = {static_cast<double>(pixels), times[rounds / 2]};
    return SLIMSCALE_OK;
}

// Fits a line by least squares of relative errors (weights 1/ms^2), so that small frames count as much as large ones.
// Neither coefficient of the line may be negative.
slimscale_cost fit(const Sample *samples, int count) {
    if (count == 1)
        return {0, 0, "", 0, samples[0].ms * 1e6 / samples[0].pixels};
    double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
    for (int i = 0; i < count; i++) {
        const double weight = 1 / (samples[i].ms * samples[i].ms), x = samples[i].pixels, y = samples[i].ms * 1e6;
        w += weight, wx += weight * x, wy += weight * y, wxx += weight * x * x, wxy += weight * x * y;
    }
    slimscale_cost cost{};
    const double determinant = w * wxx - wx * wx;
    cost.ns_per_pixel = determinant > 0 ? (w * wxy - wx * wy) / determinant : 0;
    cost.fixed_ns = (wy - cost.ns_per_pixel * wx) / w;
    if (cost.ns_per_pixel <= 0)
        cost.ns_per_pixel = 0, cost.fixed_ns = wy / w;
    if (cost.fixed_ns < 0)
        cost.fixed_ns = 0, cost.ns_per_pixel = wxy / wxx;
    return cost;
}

// Times one width at growing frame sizes within `budget_ms`, as long as the caller's memory holds them. At least one
// size is timed.
slimscale_status measure_cost(const PlanInputs &inputs, int width_index, double budget_ms, slimscale_cost &cost,
                              Error &error) {
    const double start = now_ms();
    Sample samples[std::size(kSizes)];
    int count = 0;
    for (const Size &size : kSizes) {
        const int64_t pixels = int64_t{size.width} * size.height;
        const double left = budget_ms - (now_ms() - start);
        // A size needs at least two frames.
        const bool no_time =
            count > 0 && 2.2 * samples[count - 1].ms * static_cast<double>(pixels) / samples[count - 1].pixels > left;
        if (no_time || pixels > inputs.backend->most_profiled_pixels())
            break;
        const slimscale_status status = time_size(inputs, width_index, size, left / 3, samples[count], error);
        const bool no_room = status == SLIMSCALE_OVER_MEMORY_CAP || status == SLIMSCALE_OUT_OF_MEMORY;
        if (no_room && count > 0)
            break;  // the caller's memory holds no larger frame
        if (status != SLIMSCALE_OK)
            return status;
        count++;
    }
    const int fitted = std::min(count, kFitted);
    cost = fit(samples + count - fitted, fitted);
    cost.channels = inputs.widths[width_index]->channels;
    cost.threads = inputs.pool.workers;
    std::strncpy(cost.target, inputs.targets[width_index]->name, sizeof cost.target - 1);
    return SLIMSCALE_OK;
}

// A row to measure.
struct Row {
    int width_index;
    const slimscale_compiled_target *target;
};

// Lists the rows to measure, as many as a profile holds. The widths on their own targets come first. Then come, target
// by target, those that read the same packed filters; other devices and data types would need filters of their own.
int rows_to_measure(const PlanInputs &inputs, Row *rows) {
    int count = 0;
    for (int i = 0; i < inputs.width_count; i++)
        rows[count++] = {i, inputs.targets[i]};
    for (int t = 0; t < inputs.model->target_count; t++) {
        const slimscale_compiled_target &target = inputs.model->targets[t];
        if (std::strcmp(target.name, "naive") == 0 || !runs_here(target))
            continue;
        for (int i = 0; i < inputs.width_count && count < SLIMSCALE_MAX_COSTS; i++)
            if (&target != inputs.targets[i] && share_filters(target, *inputs.targets[i]))
                rows[count++] = {i, &target};
    }
    return count;
}

}  // namespace

double now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

slimscale_status measure_profile(const PlanInputs &inputs, double budget_ms, slimscale_profile &profile, Error &error) {
    profile = {};
    profile.size = sizeof profile;
    profile.version = SLIMSCALE_PROFILE_VERSION;
    std::snprintf(profile.model, sizeof profile.model, "%s", inputs.model->name);
    std::snprintf(profile.machine, sizeof profile.machine, "%s", inputs.device->name());
    Row rows[SLIMSCALE_MAX_COSTS];
    const int count = rows_to_measure(inputs, rows);
    const double deadline = now_ms() + budget_ms;
    for (int i = 0; i < count; i++) {  // time that one row leaves over goes to the next ones
        PlanInputs on_target = inputs;
        on_target.targets[rows[i].width_index] = rows[i].target;
        const double share = (deadline - now_ms()) / (count - i);
        if (measure_cost(on_target, rows[i].width_index, share, profile.costs[i], error) != SLIMSCALE_OK)
            return error.status;
        profile.cost_count++;
    }
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
