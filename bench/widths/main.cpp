// Times every width of compiled networks on every target, and reports the machine's peak, memory and quality as well.
//
// Widths are slices of one open handle, as in use. All widths and targets of a model and a size take turns, so that a
// busy moment affects all alike. Prints Markdown; --json and --html write the same and more. bench/README.md explains
// the columns.
#include <algorithm>
#include <cstdio>

#include <sched.h>

#include "base/files.h"
#include "base/text.h"
#include "bench/peak/clocks.h"
#include "bench/peak/fma_peak.h"
#include "bench/widths/compare.h"
#include "bench/widths/json.h"
#include "bench/widths/measure.h"
#include "bench/widths/page.h"
#include "bench/widths/psnr.h"
#include "bench/widths/resident.h"
#include "bench/widths/table.h"
#include "host/console.h"
#include "host/upscaler.h"
#include "slimscale/slimscale.h"

namespace {

using namespace slimscale;
using namespace slimscale::bench;

enum Exit {
    kOk = 0,
    kNothingTimed = 1,  // or a file cannot be written
    kBadUsage = 2
};

constexpr double kPeakMs = 20;  // a fifth of the time that measuring a peak takes

// A model, the name that it was asked for by, which finds it again, and the format of its frames.
struct Chosen {
    std::string name;
    host::Model model;
    slimscale_format format{};
};

int fail(int code, const std::string &sentence) {
    std::fprintf(stderr, "bench_widths: %s\n", base::one_line(sentence).c_str());
    return code;
}

Status choose_models(const Options &options, std::vector<Chosen> &chosen) {
    const std::vector<host::Model> compiled = host::compiled_models();
    for (const std::string &name : options.models) {
        Chosen &next = chosen.emplace_back(Chosen{name, {}});
        SLIMSCALE_RETURN_IF_ERROR(host::choose_model(compiled, name, 0, /*allow_untrained=*/true, next.model));
    }
    for (const host::Model &model : compiled)
        if (options.models.empty() && model.colors == 3)
            chosen.push_back({model.name, model});
    for (Chosen &one : chosen) {
        SLIMSCALE_ASSIGN_OR_RETURN(one.format, format_of(one.model, options));
    }
    return chosen.empty() ? Error{"no color network is compiled in; run: make generate"} : Status();
}

// Keeps this process, and all threads that it starts, on the first `count` of the processors that it may use.
Status pin(int count) {
    cpu_set_t allowed, kept;
    CPU_ZERO(&kept);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return Error{"the processors that this process may use cannot be read"};
    for (int cpu = 0; cpu < CPU_SETSIZE && count > 0; cpu++)
        if (CPU_ISSET(cpu, &allowed)) {
            CPU_SET(cpu, &kept);
            count--;
        }
    if (count > 0)
        return Error{"--pin: there are fewer processors than threads; name fewer --threads"};
    return sched_setaffinity(0, sizeof kept, &kept) == 0 ? Status() : Error{"the system refused to pin this process"};
}

std::string command_text(int argc, char **argv) {
    std::string text;
    for (int i = 0; i < argc; i++)
        text += (i ? " " : "") + std::string(argv[i]);
    return text;
}

Report describe_run(int argc, char **argv, const Options &options) {
    Report report;
    report.version = std::to_string(SLIMSCALE_VERSION_MAJOR) + "." + std::to_string(SLIMSCALE_VERSION_MINOR) + "." +
                     std::to_string(SLIMSCALE_VERSION_PATCH);
    report.machine = slimscale_machine();
    report.date = utc_text("%Y-%m-%dT%H:%M:%SZ");
    report.command = command_text(argc, argv);
    report.threads = options.threads > 0 ? options.threads : slimscale_default_threads();
    report.pinned = options.pin;
    return report;
}

// Files are read before anything is timed, since timing may take long.
Status read_files(const Options &options, Report &old, std::vector<PeerRow> &peers) {
    if (!options.compare.empty()) {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(options.compare));
        SLIMSCALE_RETURN_IF_ERROR(parse_json(text, old), options.compare + ": ");
    }
    if (!options.peers.empty()) {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(options.peers));
        SLIMSCALE_RETURN_IF_ERROR(parse_peers(text, peers), options.peers + ": ");
    }
    return Status();
}

Status write_files(const Options &options, const Report &report, const std::vector<PeerRow> &peers) {
    if (!options.json.empty())
        SLIMSCALE_RETURN_IF_ERROR(base::write_file(options.json, to_json(report)));
    if (!options.html.empty())
        SLIMSCALE_RETURN_IF_ERROR(base::write_file(options.html, to_html(report, peers)));
    return Status();
}

void measure_peaks(Report &report) {
    for (const Row &row : report.rows) {
        const auto known = [&](const Peak &peak) { return peak.target == row.target; };
        if (const int lanes = lanes_of(row.target);
            lanes > 0 && std::none_of(report.peaks.begin(), report.peaks.end(), known))
            report.peaks.push_back({row.target, multiply_add_gflops(lanes, kPeakMs, report.threads),
                                    precision_of(row.target) == "bf16" && permit_tiles()
                                        ? tile_gflops(kPeakMs, report.threads)
                                        : kUnknown});
    }
}

// Fills in the PSNR of one target's rows, which are among those from `begin` on.
void add_psnr(const host::Model &model, const Target &target, const Options &options, size_t begin,
              const host::Progress &progress, Report &report) {
    const auto say = [&](const std::string &sentence) {
        progress.clear();
        host::complain("", sentence);
    };
    std::vector<double> psnr;
    const Status status = measure_psnr(model, target.name, options.images, report.threads, say, psnr);
    if (!status)
        return say(options.images + ": " + status.error());
    for (size_t i = begin; i < report.rows.size(); i++)
        for (size_t w = 0; w < model.widths.size() && report.rows[i].target == target.name; w++)
            if (model.widths[w].channels == report.rows[i].channels)
                report.rows[i].psnr = psnr[w];
}

void add_resident(const Chosen &chosen, const Options &options, size_t begin, const host::Progress &progress,
                  Report &report) {
    for (size_t i = begin; i < report.rows.size(); i++) {
        const Status status =
            measure_resident(chosen.name, options.format, report.rows[i], report.rows[i].resident_bytes);
        if (!status) {
            progress.clear();
            fail(0, status.error());
        }
    }
}

void measure_all(const std::vector<Chosen> &all, const Options &options, Report &report) {
    const host::Progress progress(all.size() * options.sizes.size());
    size_t done = 0;
    for (const Chosen &chosen : all) {
        const size_t begin = report.rows.size();
        const std::vector<Target> targets = runnable_targets(chosen.model, options, report.skipped);
        for (const Size &size : options.sizes) {
            const auto say = [&](const std::string &what) {
                progress.show(done, chosen.model.name + " " + text_of(size) + ", " + what);
            };
            measure(chosen.model, targets, size, chosen.format, options, say, report);
            done++;
        }
        progress.show(done, chosen.model.name + ", quality and memory");
        for (const Target &target : targets)
            if (!options.images.empty())
                add_psnr(chosen.model, target, options, begin, progress, report);
        if (options.resident)
            add_resident(chosen, options, begin, progress, report);
    }
}

int finish(Report &report, const Report &old, const std::vector<PeerRow> &peers, const Options &options) {
    measure_peaks(report);
    derive(report);
    const std::string doubt = options.compare.empty() ? "" : compare(report, old);
    std::printf("%s", to_markdown(report).c_str());
    if (!doubt.empty())
        fail(0, doubt);
    if (const Status written = write_files(options, report, peers); !written)
        return fail(kNothingTimed, written.error());
    return report.rows.empty() ? fail(kNothingTimed, "nothing was timed") : kOk;
}

}  // namespace

int main(int argc, char **argv) {
    Options options;
    if (const Parsed parsed = parse_options(argc, argv, options); parsed != Parsed::run)
        return parsed == Parsed::done ? kOk : kBadUsage;
    if (options.resident_child_channels != 0)
        return run_resident_child(options);
    Report report = describe_run(argc, argv, options), old;
    std::vector<PeerRow> peers;
    std::vector<Chosen> chosen;
    Status status = read_files(options, old, peers);
    if (status)
        status = choose_models(options, chosen);
    if (status && options.pin)
        status = pin(report.threads);
    if (!status)
        return fail(kBadUsage, status.error());
    measure_all(chosen, options, report);
    return finish(report, old, peers, options);
}
