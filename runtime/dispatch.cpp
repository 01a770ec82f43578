#include "runtime/dispatch.h"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "runtime/cpu.h"

namespace slimscale::runtime {

namespace {

// Frames to time: from one that is all fixed cost to one whose rows no longer fit a cache. 16:9 as most video is.
struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{32, 32}, {96, 64}, {192, 112}, {320, 180}, {480, 272}, {640, 360}};
constexpr int kMostRounds = 7;

struct Sample {
    double pixels, ms;
};

// Median of the runs that the budget allows (three at least): a frame's ordinary time, not its luckiest.
slimscale_status time_size(const PlanInputs &inputs, int scale, int width_index, Size size, double budget_ms,
                           Sample &sample, Error &error) {
    PlanInputs one = inputs;
    one.widths[0] = inputs.widths[width_index];
    one.width_count = 1;
    FramePlan plan;
    if (plan.make(one, size.width, size.height, error) != SLIMSCALE_OK)
        return error.status;

    const size_t pixels = static_cast<size_t>(size.width) * static_cast<size_t>(size.height);
    const size_t colors = static_cast<size_t>(inputs.color.colors), area = static_cast<size_t>(scale * scale);
    Block images;
    if (!images.allocate(inputs.allocator, pixels * colors * (1 + area)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "no memory for the pictures to calibrate with");
    for (size_t i = 0; i < pixels * colors; i++)
        images.data()[i] = static_cast<unsigned char>(i * 2654435761u >> 24);
    const slimscale_format format = colors == 3 ? SLIMSCALE_RGB8 : SLIMSCALE_GRAY8;
    slimscale_image in = SLIMSCALE_IMAGE_INIT, out = SLIMSCALE_IMAGE_INIT;
    in.format = out.format = format;
    in.width = size.width, in.height = size.height;
    out.width = size.width * scale, out.height = size.height * scale;
    in.planes[0] = images.data();
    out.planes[0] = images.data() + pixels * colors;
    in.strides[0] = static_cast<ptrdiff_t>(in.width) * inputs.color.colors;
    out.strides[0] = static_cast<ptrdiff_t>(out.width) * inputs.color.colors;

    double times[kMostRounds];
    int rounds = 0;
    const double start = now_ms();
    if (plan.run(0, in, out, error) != SLIMSCALE_OK)
        return error.status;  // warm-up
    while (rounds < kMostRounds && (rounds < 3 || now_ms() - start < budget_ms)) {
        const double before = now_ms();
        if (plan.run(0, in, out, error) != SLIMSCALE_OK)
            return error.status;
        times[rounds++] = now_ms() - before;
    }
    std::sort(times, times + rounds);
    sample = {static_cast<double>(pixels), times[rounds / 2]};
    return SLIMSCALE_OK;
}

// Least squares with relative errors (weights 1/ms^2), so that small frames count as much as large ones. Neither part
// of the line may be negative.
slimscale_cost fit(const Sample *samples, int count) {
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

}  // namespace

double now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

slimscale_status measure_costs(const PlanInputs &inputs, int scale, double budget_ms, slimscale_calibration &table,
                               Error &error) {
    for (int i = 0; i < inputs.width_count && table.cost_count < SLIMSCALE_MAX_COSTS; i++) {
        Sample samples[std::size(kSizes)];
        int count = 0;
        const double start = now_ms();
        for (const Size &size : kSizes) {
            // A size is five runs (touch, warm-up, three timed): stop before the one that would pass the budget.
            if (count > 0) {
                const Sample &last = samples[count - 1];
                const double expected = last.ms * size.width * size.height / last.pixels;
                if (count > 1 && now_ms() - start + 4.5 * expected > budget_ms)
                    break;
            }
            if (time_size(inputs, scale, i, size, budget_ms / 8, samples[count++], error) != SLIMSCALE_OK)
                return error.status;
        }
        slimscale_cost cost = fit(samples + (count > 3 ? 1 : 0), count - (count > 3 ? 1 : 0));
        cost.width = inputs.widths[i]->channels;
        cost.threads = inputs.pool.workers;
        std::strncpy(cost.target, inputs.tier->target, sizeof cost.target - 1);
        table.costs[table.cost_count++] = cost;
    }
    return SLIMSCALE_OK;
}

const slimscale_cost *find_cost(const slimscale_calibration &table, const char *target, int threads, int width) {
    for (uint32_t i = 0; i < std::min<uint32_t>(table.cost_count, SLIMSCALE_MAX_COSTS); i++) {
        const slimscale_cost &c = table.costs[i];
        if (c.width == width && c.threads == threads && std::strncmp(c.target, target, sizeof c.target) == 0)
            return &c;
    }
    return nullptr;
}

double predict_ms(const slimscale_cost &cost, int width_px, int height_px) {
    return (cost.fixed_ns + cost.ns_per_pixel * width_px * height_px) * 1e-6;
}

slimscale_status check_calibration(const slimscale_calibration &table, const char *model, Error &error) {
    if (table.size != sizeof table || table.version != SLIMSCALE_CALIBRATION_VERSION)
        return error.set(SLIMSCALE_INVALID_CALIBRATION,
                         "the calibration is of another library version; calibrate again");
    if (std::strncmp(table.model, model, sizeof table.model) != 0)
        return error.set(SLIMSCALE_INVALID_CALIBRATION, "the calibration is of another model than %s; calibrate again",
                         model);
    if (std::strncmp(table.machine, machine_name(), sizeof table.machine) != 0)
        return error.set(SLIMSCALE_INVALID_CALIBRATION,
                         "the calibration is of another machine than this %s; calibrate again", machine_name());
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
