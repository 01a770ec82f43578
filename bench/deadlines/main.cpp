// A camera hands in frames at a steady rate; after a while another process takes one of the processors, and later gives
// it back. Once with the channels that the profile chooses, fixed, and once with a request for the frame rate.
#include <CLI/CLI.hpp>

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/files.h"
#include "bench/deadlines/chart.h"
#include "host/models.h"
#include "host/upscaler.h"

namespace {

using namespace slimscale;
using namespace slimscale::bench;
using Clock = std::chrono::steady_clock;

struct Options {
    std::string model = "edsr_small_x2", svg, target = "auto";
    int width = 160, height = 120, threads = 0, loads = 1;
    double fps = 0;  // 0: such that the second most channels fit with a fifth to spare
    double quiet = 4, loaded = 8, after = 4;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Processes that compute without end, each held to one processor, from the last of those that this one may use down.
class Load {
public:
    void start(int count) {
        cpu_set_t allowed;
        sched_getaffinity(0, sizeof allowed, &allowed);
        for (int p = CPU_SETSIZE - 1; p >= 0 && count > 0; p--)
            if (CPU_ISSET(p, &allowed)) {
                start_on(p);
                count--;
            }
    }
    void stop() {
        for (pid_t child : children_) {
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
        }
        children_.clear();
    }
    Load() = default;
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;
    ~Load() { stop(); }

private:
    void start_on(int processor) {
        const pid_t child = fork();
        if (child != 0) {
            if (child > 0)
                children_.push_back(child);
            return;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(processor, &one);
        sched_setaffinity(0, sizeof one, &one);
        for (volatile unsigned i = 0;; i = i + 1) {
        }
    }
    std::vector<pid_t> children_;
};

struct Pictures {
    std::vector<uint8_t> in, out;
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;

    Pictures(int width, int height, int scale, int colors)
        : in(static_cast<size_t>(width * height * colors)), out(in.size() * static_cast<size_t>(scale * scale)) {
        for (size_t i = 0; i < in.size(); i++)
            in[i] = static_cast<uint8_t>(static_cast<uint32_t>(i) * 2654435761u >> 24);
        input.format = output.format = colors == 3 ? SLIMSCALE_RGB8 : SLIMSCALE_GRAY8;
        input.width = width, input.height = height;
        input.planes[0] = in.data(), input.strides[0] = static_cast<ptrdiff_t>(width) * colors;
        output.width = width * scale, output.height = height * scale;
        output.planes[0] = out.data(), output.strides[0] = static_cast<ptrdiff_t>(output.width) * colors;
    }
    Pictures(const Pictures &) = delete;
    Pictures &operator=(const Pictures &) = delete;
};

// One run of the camera. A frame that is late makes the camera drop those that were due meanwhile.
Status film(const Options &o, slimscale_handle *s, const slimscale_request &request, Pictures &pictures, double period,
            std::vector<TimedFrame> &frames) {
    Load load;
    const auto start = Clock::now();
    bool busy = false;
    for (double due = 0; due < o.quiet + o.loaded + o.after;) {
        const bool wanted = due >= o.quiet && due < o.quiet + o.loaded;
        if (wanted != busy)
            wanted ? load.start(o.loads) : load.stop();
        busy = wanted;
        std::this_thread::sleep_until(start +
                                      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due)));
        slimscale_report report = SLIMSCALE_REPORT_INIT;
        if (slimscale_run(s, &request, &pictures.input, &pictures.output, &report) != SLIMSCALE_OK)
            return Error{slimscale_error(s)};
        frames.push_back({due, report.actual_ms, report.channels});
        due += period;
        while (due + period / 2 < seconds_since(start))
            due += period;
    }
    return Status();
}

void print_row(const char *when, const std::vector<TimedFrame> &frames, double from, double to, double budget_ms) {
    int count = 0, late = 0;
    double channels = 0;
    for (const TimedFrame &frame : frames)
        if (frame.at_s >= from && frame.at_s < to) {
            count++;
            late += frame.ms > budget_ms;
            channels += frame.channels;
        }
    if (count > 0)
        std::printf("  %-32s %5d frames, %4d late (%.1f %%), %.1f channels on average\n", when, count, late,
                    100.0 * late / count, channels / count);
}

std::string processors_busy(int count) {
    return count == 1 ? "one processor busy" : std::to_string(count) + " processors busy";
}

void print_rows(const Options &o, const Panel &panel, double budget_ms, double period) {
    const double load_from = o.quiet, load_to = o.quiet + o.loaded;
    std::printf("%s\n", panel.title.c_str());
    print_row("quiet", panel.frames, 0, load_from, budget_ms);
    print_row(processors_busy(o.loads).c_str(), panel.frames, load_from, load_to, budget_ms);
    print_row("the same after three frames", panel.frames, load_from + 3.5 * period, load_to, budget_ms);
    print_row("quiet again", panel.frames, load_to, load_to + o.after, budget_ms);
}

Status run(const Options &o) {
    host::Model model;
    SLIMSCALE_RETURN_IF_ERROR(host::choose_model(host::compiled_models(), o.model, 0, false, model));
    host::HandleOptions how;
    how.widths = model.usable_widths(false);
    how.target = o.target;
    how.threads = o.threads;
    host::Upscaler upscaler;
    SLIMSCALE_RETURN_IF_ERROR(upscaler.open(model, how));
    SLIMSCALE_RETURN_IF_ERROR(upscaler.plan(o.width, o.height));
    slimscale_handle *s = upscaler.handle();
    slimscale_profile profile;
    if (slimscale_measure_profile(s, 4000, &profile) != SLIMSCALE_OK)
        return Error{slimscale_error(s)};
    const int widths = static_cast<int>(upscaler.widths().size());
    if (widths < 2)
        return Error{o.model + " has one trained channel count; nothing is to be chosen"};
    int chosen = 0;
    double predicted_ms = 0;
    const int start = upscaler.widths()[static_cast<size_t>(widths - 2)];
    const Error unknown{"the profile predicts nothing for this size"};
    if (slimscale_choose(&profile, slimscale_target(s), upscaler.threads(), &start, 1, o.width, o.height, 1e9, &chosen,
                         &predicted_ms, nullptr) != SLIMSCALE_OK)
        return unknown;
    const double fps = o.fps > 0 ? o.fps : 1000 / (1.25 * predicted_ms), budget_ms = 1000 / fps, period = 1 / fps;
    Pictures pictures(o.width, o.height, model.scale, model.colors);

    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.profile = &profile;
    request.frames_per_second = fps;
    slimscale_request fixed = SLIMSCALE_REQUEST_INIT;
    if (slimscale_choose(&profile, slimscale_target(s), upscaler.threads(), upscaler.widths().data(), widths, o.width,
                         o.height, budget_ms, &fixed.channels, &predicted_ms, nullptr) != SLIMSCALE_OK)
        return unknown;

    DeadlineChart chart{budget_ms, o.quiet, o.quiet + o.loaded, o.quiet + o.loaded + o.after, "", {}};
    char line[300];
    std::snprintf(line, sizeof line, "%s on %s (%s, %d threads), %d x %d, %.1f frames/s; gray: %s", model.name.c_str(),
                  slimscale_device(s), slimscale_target(s), upscaler.threads(), o.width, o.height, fps,
                  processors_busy(o.loads).c_str());
    chart.caption = line;
    chart.panels.push_back({"fixed: " + std::to_string(fixed.channels) + " channels", {}});
    chart.panels.push_back({"as many channels as the frame rate leaves time for", {}});
    SLIMSCALE_RETURN_IF_ERROR(film(o, s, fixed, pictures, period, chart.panels[0].frames));
    SLIMSCALE_RETURN_IF_ERROR(film(o, s, request, pictures, period, chart.panels[1].frames));
    std::printf("%s; %.2f ms a frame\n", chart.caption.c_str(), budget_ms);
    for (const Panel &panel : chart.panels)
        print_rows(o, panel, budget_ms, period);
    if (o.svg.empty())
        return Status();
    const std::string svg = svg_of(chart);
    return base::write_file(o.svg, svg.data(), svg.size());
}

}  // namespace

int main(int argc, char **argv) {
    Options o;
    CLI::App app("Deadlines on a machine that gets busy");
    app.add_option("--model", o.model, "a compiled model with several trained channel counts");
    app.add_option("--target", o.target, "as in slimscale_options");
    app.add_option("--width", o.width, "of the input, in pixels");
    app.add_option("--height", o.height, "of the input, in pixels");
    app.add_option("--threads", o.threads, "0: as many as this process may use");
    app.add_option("--fps", o.fps, "frames per second; 0: by the profile");
    app.add_option("--loads", o.loads, "processes that compute beside it, each on a processor of its own");
    app.add_option("--quiet", o.quiet, "seconds before");
    app.add_option("--loaded", o.loaded, "seconds with them");
    app.add_option("--after", o.after, "seconds after");
    app.add_option("--svg", o.svg, "a chart to write");
    CLI11_PARSE(app, argc, argv);
    const Status status = run(o);
    if (!status)
        std::fprintf(stderr, "bench_deadlines: %s\n", status.error().c_str());
    return status ? 0 : 1;
}
