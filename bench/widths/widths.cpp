// Times every width of every compiled model on every target that this machine runs.
//
//     bench_widths [--size WxH] [--threads N] [--rounds N] [--model NAME]...
//
// Widths are slices of one open handle, as in use; rounds interleave widths, so that a busy moment hits all alike.
// Prints a Markdown table of medians; milliseconds are those of slimscale_run: load, network and store.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime/cli/registry.h"
#include "slimscale/slimscale.h"

namespace {

constexpr const char *kUsage = "use --size WxH, --threads N, --rounds N, --model NAME";

struct Options {
    int width = 320, height = 180, threads = 0, rounds = 9;  // threads 0: as many as the process may use
    std::vector<std::string> models;                         // empty: all
};

struct Frame {
    std::vector<unsigned char> pixels;
    slimscale_image image = SLIMSCALE_IMAGE_INIT;

    Frame(int width, int height)
        : pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 3) {
        image.width = width;
        image.height = height;
        image.planes[0] = pixels.data();
        image.strides[0] = static_cast<ptrdiff_t>(width) * 3;
    }
    Frame(const Frame &) = delete;  // the image points into the pixels
    Frame &operator=(const Frame &) = delete;
};

bool fail(const std::string &what, const char *why) {
    std::fprintf(stderr, "bench_widths: %s: %s\n", what.c_str(), why);
    return false;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

// times[w]: milliseconds of each round at width w; one more round comes first, untimed.
bool time_widths(slimscale_handle *s, const slimscale_model_info &info, const Options &options,
                 std::vector<std::vector<double>> &times) {
    Frame input(options.width, options.height), output(options.width * info.scale, options.height * info.scale);
    for (size_t i = 0; i < input.pixels.size(); i++)
        input.pixels[i] = static_cast<unsigned char>(i * 2654435761u >> 24);
    times.assign(static_cast<size_t>(info.width_count), {});
    for (int round = -1; round < options.rounds; round++)
        for (int w = 0; w < info.width_count; w++) {
            slimscale_request request = SLIMSCALE_REQUEST_INIT;
            slimscale_report report = SLIMSCALE_REPORT_INIT;
            request.width = info.widths[w];
            if (slimscale_run(s, &request, &input.image, &output.image, &report) != SLIMSCALE_OK)
                return fail(info.name, slimscale_error(s));
            if (round >= 0)
                times[static_cast<size_t>(w)].push_back(report.actual_ms);
        }
    return true;
}

bool bench_target(const slimscale_model *model, const slimscale_model_info &info, const char *target,
                  const Options &options) {
    char error[256] = "";
    slimscale_options open = SLIMSCALE_OPTIONS_INIT;
    open.target = target;
    open.threads = options.threads;
    open.allow_untrained = 1;
    open.widths = info.widths;
    open.width_count = info.width_count;
    open.error_text = error;
    open.error_text_size = sizeof error;
    slimscale_handle *s = nullptr;
    if (slimscale_open(model, &open, &s) != SLIMSCALE_OK)
        return fail(info.name, error);
    std::vector<std::vector<double>> times;
    slimscale_plan_info plan{};
    plan.size = sizeof plan;
    const bool planned = slimscale_plan(s, options.width, options.height) == SLIMSCALE_OK &&
                         slimscale_plan_describe(s, &plan) == SLIMSCALE_OK;
    const bool timed = planned ? time_widths(s, info, options, times) : fail(info.name, slimscale_error(s));
    for (size_t w = 0; timed && w < times.size(); w++) {
        const double ms = median(times[w]);
        std::printf("| %s | %d of %d | %s | %.2f | %.1f | %.1f |\n", info.name, info.widths[w], info.channels, target,
                    ms, 1000 / ms, static_cast<double>(plan.workspace_bytes) / 1e6);
    }
    std::fflush(stdout);
    slimscale_close(s);
    return timed;
}

bool bench_model(const slimscale_model *model, const Options &options) {
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    if (slimscale_describe(model, &info, storage) != SLIMSCALE_OK)
        return fail("model", "cannot be described: built for another version");
    const auto &wanted = options.models;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), info.name) == wanted.end())
        return true;
    if (info.colors != 3)
        return true;  // the frames here are RGB
    for (int t = 0; t < info.target_count; t++)
        if (info.runnable[t] && !bench_target(model, info, info.targets[t], options))
            return false;
    return true;
}

bool parse(int argc, char **argv, Options &options) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--size" && std::sscanf(value.c_str(), "%dx%d", &options.width, &options.height) == 2)
            continue;
        else if (name == "--threads")
            options.threads = std::atoi(value.c_str());
        else if (name == "--rounds")
            options.rounds = std::atoi(value.c_str());
        else if (name == "--model")
            options.models.push_back(value);
        else
            return fail(name, kUsage);
    }
    const bool positive = options.width > 0 && options.height > 0 && options.threads >= 0 && options.rounds > 0;
    return (positive && argc % 2 == 1) || fail("options", kUsage);
}

}  // namespace

int main(int argc, char **argv) {
    Options options;
    if (!parse(argc, argv, options))
        return 2;
    std::printf("%s, %dx%d input, RGB8, median of %d\n\n", slimscale_machine(), options.width, options.height,
                options.rounds);
    std::printf("| model | channels | target | ms | frames/s | workspace MB |\n|---|---|---|---|---|---|\n");
    for (const slimscale_model *const *model = slimscale_models; *model; model++)
        if (!bench_model(*model, options))
            return 1;
    return 0;
}
