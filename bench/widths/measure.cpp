#include "bench/widths/measure.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "bench/widths/code_size.h"
#include "bench/widths/flops.h"
#include "bench/widths/rounds.h"
#include "extras/images/image.h"
#include "host/upscaler.h"
#include "slimscale/slimscale.h"

namespace slimscale::bench {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// An image in host memory.
struct Frame {
    std::vector<unsigned char> pixels;
    slimscale_image image = SLIMSCALE_IMAGE_INIT;

    Frame(int width, int height, slimscale_format format) {
        image.format = format;
        image.width = width;
        image.height = height;
        size_t bytes = 0, offsets[4] = {};
        for (int p = 0; p < 4; p++) {
            size_t row_bytes = 0;
            int rows = 0;
            if (slimscale_plane_size(format, width, height, p, &row_bytes, &rows) != SLIMSCALE_OK)
                break;
            image.strides[p] = static_cast<ptrdiff_t>(row_bytes);
            offsets[p] = bytes;
            bytes += row_bytes * static_cast<size_t>(rows);
        }
        pixels.resize(bytes);
        for (int p = 0; p < 4 && image.strides[p] != 0; p++)
            image.planes[p] = pixels.data() + offsets[p];
    }
    Frame(const Frame &) = delete;  // the image points into the pixels
    Frame &operator=(const Frame &) = delete;
};

struct Frames {
    Frame input, output;

    Frames(const host::Model &model, const Size &size, slimscale_format format)
        : input(size.width, size.height, format), output(size.width * model.scale, size.height * model.scale, format) {
        constexpr uint32_t kScatter = 2654435761u;  // 2^32 over the golden ratio, so that neighbours differ
        for (size_t i = 0; i < input.pixels.size(); i++)
            input.pixels[i] = static_cast<unsigned char>(static_cast<uint32_t>(i) * kScatter >> 24);
    }

    Status run(slimscale_handle *s, int channels) {
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = channels;
        const slimscale_status status = slimscale_run(s, &request, &input.image, &output.image, nullptr);
        return status == SLIMSCALE_OK ? Status() : Error{slimscale_error(s)};
    }
};

host::HandleOptions how_to_open(std::vector<int> widths, const std::string &target, int threads) {
    host::HandleOptions options;
    options.widths = std::move(widths);
    options.target = target;
    options.threads = threads;
    options.allow_untrained = true;
    return options;
}

const slimscale_network_plan &plan_of(const slimscale_model &model, int channels) {
    const slimscale_network_plan *end = model.plans + model.plan_count;
    return *std::find_if(model.plans, end, [=](const auto &plan) { return plan.channels == channels; });
}

Row describe(const host::Model &model, const Target &target, int channels, const Size &size, int threads) {
    const slimscale_network_plan &plan = plan_of(*model.archive, channels);
    const double pixels = static_cast<double>(size.width) * size.height;
    Row row;
    row.model = model.name;
    row.network = model.network;
    row.scale = model.scale;
    row.channels = channels;
    row.full_channels = model.channels;
    row.input = text_of(size);
    row.target = target.name;
    row.device = target.device;
    row.threads = threads;
    row.gflop = 2 * pixels * static_cast<double>(macs_per_pixel(plan)) / 1e9;
    row.winograd_gflop = 2 * pixels * static_cast<double>(winograd_macs_per_pixel(plan)) / 1e9;
    row.pointwise_gflop = 2 * pixels * static_cast<double>(pointwise_macs_per_pixel(plan)) / 1e9;
    row.collapsed_gflop = 2 * pixels * static_cast<double>(collapsed_macs_per_pixel(plan)) / 1e9;
    row.code_bytes = code_bytes(*model.archive, target.name);
    return row;
}

// All widths that are compiled; in fixed point the calibrated ones, if there are any.
std::vector<int> widths_on(const host::Model &model, const std::string &target) {
    std::vector<int> calibrated;
    for (const host::Model::Width &width : model.widths)
        if (width.has_ranges)
            calibrated.push_back(width.channels);
    return precision_of(target) == "q16" && !calibrated.empty() ? calibrated
                                                                : model.usable_widths(/*allow_untrained=*/true);
}

// The subjects that take turns at one size. One handle per target has all widths open, as in use.
class Bench {
public:
    Bench(const host::Model &model, const Size &size, slimscale_format format, int threads)
        : model_(model), size_(size), format_(format), threads_(threads), frames_(model, size, format) {}

    // Adds the rows of one target, with everything that is known before the rounds. After an error no row is added.
    Status add(const Target &target, const std::function<void(const std::string &)> &say) {
        std::vector<Row> rows;
        std::vector<int> widths = widths_on(model_, target.name);
        for (int channels : widths) {
            say(target.name + ", " + std::to_string(channels) + " channels, first call");
            FirstCall call;
            SLIMSCALE_RETURN_IF_ERROR(first_call(model_, target.name, channels, size_, format_, threads_, call));
            Row &row = rows.emplace_back(describe(model_, target, channels, size_, threads_));
            row.open_ms = call.open_ms;
            row.first_ms = call.first_ms;
            row.workspace_bytes = call.workspace_bytes;
            row.weights_bytes = call.weights_bytes;
        }
        auto upscaler = std::make_unique<host::Upscaler>();
        SLIMSCALE_RETURN_IF_ERROR(upscaler->open(model_, how_to_open(std::move(widths), target.name, threads_)));
        SLIMSCALE_RETURN_IF_ERROR(upscaler->plan(size_.width, size_.height));
        for (Row &row : rows) {
            subjects_.push_back({frame_of(rows_.size()), {}, {}});
            handles_.push_back(upscaler->handle());
            rows_.push_back(std::move(row));
        }
        upscalers_.push_back(std::move(upscaler));
        return Status();
    }

    void time(const Rounds &rounds) { time_in_turns(subjects_, rounds); }

    void give(Report &report) {
        for (size_t i = 0; i < rows_.size(); i++) {
            Row &row = rows_[i];
            const Subject &subject = subjects_[i];
            if (!subject.status) {
                report.skipped.push_back({row.model, row.target, row.input, subject.status.error()});
                continue;
            }
            row.p50_ms = percentile(subject.ms, 50);
            row.p99_ms = percentile(subject.ms, 99);
            row.worst_ms = percentile(subject.ms, 100);
            row.frames = static_cast<int>(subject.ms.size());
            report.rows.push_back(std::move(row));
        }
    }

private:
    std::function<Status(double &)> frame_of(size_t row) {
        return [this, row](double &ms) {
            const Clock::time_point start = Clock::now();
            Status status = frames_.run(handles_[row], rows_[row].channels);
            ms = ms_since(start);
            return status;
        };
    }

    const host::Model &model_;
    const Size size_;
    const slimscale_format format_;
    const int threads_;
    Frames frames_;
    std::vector<Row> rows_;
    std::vector<Subject> subjects_;            // one per row
    std::vector<slimscale_handle *> handles_;  // one per row
    std::vector<std::unique_ptr<host::Upscaler>> upscalers_;
};

std::vector<std::string> wanted_targets(const host::Model &model, const Options &options) {
    if (!options.targets.empty())
        return options.targets;
    std::vector<std::string> names;
    for (const host::Model::Target &target : model.targets)
        if (target.name != "naive")
            names.push_back(target.name);
    return names;
}

}  // namespace

std::vector<Target> runnable_targets(const host::Model &model, const Options &options, std::vector<Skipped> &skipped) {
    std::vector<Target> targets;
    for (const std::string &name : wanted_targets(model, options)) {
        char text[512] = "";
        if (slimscale_describe_target(model.archive, name.c_str(), /*device=*/0, text, sizeof text) == SLIMSCALE_OK)
            targets.push_back({name, text});
        else
            skipped.push_back({model.name, name, "", text});
    }
    return targets;
}

Result<slimscale_format> format_of(const host::Model &model, const Options &options) {
    slimscale_format format = model.colors == 1 ? SLIMSCALE_GRAY8 : SLIMSCALE_RGB8;
    if (!options.format.empty() && slimscale_parse_format(options.format.c_str(), &format) != SLIMSCALE_OK)
        return Error{"--format: no format is called " + options.format};
    return format;
}

Status first_call(const host::Model &model, const std::string &target, int channels, const Size &size,
                  slimscale_format format, int threads, FirstCall &call) {
    Frames frames(model, size, format);
    host::Upscaler upscaler;
    const Clock::time_point start = Clock::now();
    SLIMSCALE_RETURN_IF_ERROR(upscaler.open(model, how_to_open({channels}, target, threads)));
    const Clock::time_point opened = Clock::now();
    call.open_ms = std::chrono::duration<double, std::milli>(opened - start).count();
    SLIMSCALE_RETURN_IF_ERROR(upscaler.plan(size.width, size.height));
    SLIMSCALE_RETURN_IF_ERROR(frames.run(upscaler.handle(), channels));
    call.first_ms = ms_since(opened);
    slimscale_plan_info info{};
    info.size = sizeof info;
    if (slimscale_plan_describe(upscaler.handle(), &info) != SLIMSCALE_OK)
        return Error{slimscale_error(upscaler.handle())};
    call.workspace_bytes = info.workspace_bytes;
    call.weights_bytes = info.weights_bytes;
    return Status();
}

void measure(const host::Model &model, const std::vector<Target> &targets, const Size &size, slimscale_format format,
             const Options &options, const std::function<void(const std::string &)> &say, Report &report) {
    // Two pairs of frames exist at a time: those of the rounds, and those of a first call.
    const uint64_t samples = uint64_t{1} * size.width * size.height * model.colors,
                   enlarged = model.scale * model.scale;
    const Status fits = images::check_memory(2 * samples * (1 + enlarged), "frames of this size");
    if (!fits) {
        report.skipped.push_back({model.name, "every target", text_of(size), fits.error()});
        return;
    }
    Bench bench(model, size, format, report.threads);
    for (const Target &target : targets) {
        const Status status = bench.add(target, say);
        if (!status)
            report.skipped.push_back({model.name, target.name, text_of(size), status.error()});
    }
    Rounds rounds{options.seconds, options.rounds, {}};
    rounds.before = [&](int round) { say("round " + std::to_string(round + 1)); };
    bench.time(rounds);
    bench.give(report);
}

}  // namespace slimscale::bench
