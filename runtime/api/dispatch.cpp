#include "runtime/api/dispatch.h"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "runtime/platform/cpu.h"

namespace slimscale::runtime {

namespace {

// Frames to time: from one that is all fixed cost to one whose rows no longer fit a cache. 16:9 as most video is.
struct Size {
    int width, height;
};
constexpr Size kSizes[] = {{8, 8}, {16, 16}, {32, 32}, {96, 64}, {192, 112}, {320, 180}, {480, 272}, {640, 360}, {1280, 720}, {1920, 1080}};
constexpr int kCpuSizes = 8;  // small frames fill a CPU; a GPU's launches count until far larger ones
constexpr int kMostRounds = 7;
constexpr int kFitted = 4;  // the largest sizes decide: small frames are cheap to mispredict

struct Sample {
    double pixels, ms;
};

// Median of the frames that fit into budget_ms, one at least: a frame's ordinary time, not its luckiest.
slimscale_status time_size(const PlanInputs &inputs, int scale, int width_index, Size size, double budget_ms,
                           Sample &sample, Error &error) {
    PlanInputs one = inputs;
    one.widths[0] = inputs.widths[width_index];
    one.width_count = 1;
    FramePlan plan;
    if (const slimscale_status status = plan.make(one, size.width, size.height, error))
        return status;

    const size_t pixels = static_cast<size_t>(size.width) * static_cast<size_t>(size.height);
    const size_t colors = static_cast<size_t>(inputs.color.colors), area = static_cast<size_t>(scale * scale);
    Block images;
    if (!images.allocate(inputs.allocator, pixels * colors * (1 + area)))
        return error.set(SLIMSCALE_OUT_OF_MEMORY, "the allocator has no memory for the pictures to calibrate with");
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

    double times[kMostRounds];
    int rounds = 0;
    const double start = now_ms();
    if (const slimscale_status status = plan.run(0, in, out, error))  // warm-up
        return status;
    do {
        const double before = now_ms();
        if (const slimscale_status status = plan.run(0, in, out, error))
            return status;
        times[rounds++] = now_ms() - before;
    } while (rounds < kMostRounds && now_ms() - start + times[rounds - 1] < budget_ms);
    std::sort(times, times + rounds);
    sample = {static_cast<double>(pixels), times[rounds / 2]};
    return SLIMSCALE_OK;
}

// Least squares with relative errors (weights 1/ms^2), so that small frames count as much as large ones. Neither part
// of the line may be negative.
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

}  // namespace

double now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

slimscale_status measure_costs(const PlanInputs &inputs, int scale, double budget_ms, slimscale_calibration &table,
                               Error &error) {
    const double deadline = now_ms() + budget_ms;
    for (int i = 0; i < inputs.width_count && table.cost_count < SLIMSCALE_MAX_COSTS; i++) {
        const double share = (deadline - now_ms()) / (inputs.width_count - i), start = now_ms();
        Sample samples[std::size(kSizes)];
        int count = 0;
        const auto *end = inputs.device ? std::end(kSizes) : kSizes + kCpuSizes;
        for (const Size *at = kSizes; at != end; at++) {
            const Size size = *at;
            const double left = share - (now_ms() - start);
            // A size takes two frames at least.
            if (count > 0 && 2.2 * samples[count - 1].ms * size.width * size.height / samples[count - 1].pixels > left)
                break;
            const slimscale_status status = time_size(inputs, scale, i, size, left / 3, samples[count], error);
            const bool no_room = status == SLIMSCALE_OVER_MEMORY_CAP || status == SLIMSCALE_OUT_OF_MEMORY;
            if (no_room && count > 0)
                break;  // the caller's memory holds no larger frame
            if (status != SLIMSCALE_OK)
                return status;
            count++;
        }
        const int fitted = std::min(count, kFitted);
        slimscale_cost cost = fit(samples + count - fitted, fitted);
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

const char *machine_of(const PlanInputs &inputs) {
    return inputs.device ? inputs.device->name() : machine_name();
}

slimscale_status check_calibration(const slimscale_calibration &table, const char *model, const char *machine,
                                   Error &error) {
    if (table.size != sizeof table || table.version != SLIMSCALE_CALIBRATION_VERSION)
        return error.set(SLIMSCALE_INVALID_CALIBRATION,
                         "the calibration is of another library version; calibrate again");
    if (std::strncmp(table.model, model, sizeof table.model) != 0)
        return error.set(SLIMSCALE_INVALID_CALIBRATION, "the calibration is of another model than %s; calibrate again",
                         model);
    if (std::strncmp(table.machine, machine, sizeof table.machine) != 0)
        return error.set(SLIMSCALE_INVALID_CALIBRATION,
                         "the calibration is of another machine than this %s; calibrate again", machine);
    return SLIMSCALE_OK;
}

}  // namespace slimscale::runtime
