// slimscale_tune: searches each block's blocking on this machine in bounded time and writes the table that the
// schedules read. bench/tune/README.md says how.
#include <algorithm>
#include <cstdio>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "bench/blocks/loaded.h"
#include "bench/peak/clocks.h"
#include "bench/tune/options.h"
#include "compiler/files.h"
#include "compiler/process.h"
#include "host/console.h"
#include "schedules/parameters.h"
#include "schedules/tables.h"
#include "slimscale/slimscale.h"

namespace {

using namespace slimscale;
using namespace slimscale::bench;

constexpr size_t kPercent = 100;

int fail(const std::string &sentence) {
    std::fprintf(stderr, "slimscale_tune: %s\n", base::one_line(sentence).c_str());
    return 1;
}

std::string header_of(const TuneOptions &options, int argc, char **argv) {
    const std::string machine =
        options.machine.empty()
            ? std::string(slimscale_machine()) + ", " + std::to_string(slimscale_default_threads()) + " processors"
            : options.machine;
    std::string command = "slimscale_tune";
    for (int i = 1; i < argc; i++)
        command += std::string(" ") + argv[i];
    return "# Blockings of the fast schedules (schedules/tables.h), last searched on " + machine + ",\n# " +
           utc_text("%Y-%m-%d") + ", by " + base::one_line(command) + "\n";
}

// `own` receives the rows of the table's file, `before` the built-in rows with those in place of theirs.
Status load_tables(const std::string &path, schedules::Table &own, schedules::Table &before) {
    before = schedules::builtin_table();
    if (!generators::file_exists(path))
        return Status();
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path));
    Result<schedules::Table> table = schedules::parse_table(text);
    if (!table)
        return Error{path + ", " + table.error() + "; correct it or name another --out"};
    own = *std::move(table);
    for (const schedules::Row &row : own.rows)
        schedules::set_row(before, row);
    return Status();
}

void print_outcome(const Job &job, const schedules::Choice &old, const Outcome &outcome) {
    const std::string name = job.target.name + " " + job.pipeline;
    const std::string was = schedules::text_of(old.blocking, job.work.block);
    std::printf("%-26s %8.3f -> %8.3f ms  %.3f  %zu timed", name.c_str(), outcome.old_ms, outcome.new_ms,
                outcome.old_ms / outcome.new_ms, outcome.timed);
    if (outcome.refused > 0)
        std::printf(", %zu refused", outcome.refused);
    if (outcome.changed)
        std::printf("\n    %s -> %s\n", was.c_str(), schedules::text_of(outcome.blocking, job.work.block).c_str());
    else
        std::printf("  stays\n");
    std::fflush(stdout);
}

struct Tables {
    schedules::Table own;     // the table that is written
    schedules::Table before;  // the table that schedules have read so far, which candidates are compared with
};

// Each block gets its share of the time that is left. The table is written after each block, so that nothing is lost.
Status tune_all(const std::vector<Job> &jobs, const TuneOptions &options, Tables &tables) {
    const double begin = wall_seconds(), total = options.minutes * 60;
    const host::Progress progress(kPercent);
    for (size_t i = 0; i < jobs.size(); i++) {
        const Job &job = jobs[i];
        const auto left = [&] { return std::max(0., total - (wall_seconds() - begin)); };
        const auto say = [&](const std::string &what) {
            const size_t percent = total > 0 ? static_cast<size_t>(kPercent * (1 - left() / total)) : kPercent;
            const std::string place = " (" + std::to_string(i + 1) + " of " + std::to_string(jobs.size()) + "), ";
            progress.show(percent,
                          job.pipeline + " " + job.target.name + place + what + ", " + base::clock(left()) + " left");
        };
        const Halide::Target halide(generators::halide_target(job.work, job.target));
        const schedules::Choice old = schedules::choose(tables.before, job.work, halide);
        const double seconds = left() / static_cast<double>(jobs.size() - i);
        const auto outcome = tune(job, old.blocking, options.settings, seconds, say);
        progress.clear();
        if (!outcome)
            return Error{outcome.error()};
        print_outcome(job, old, *outcome);
        schedules::set_row(tables.own, {job.target.name, job.pipeline, outcome->blocking});
        SLIMSCALE_RETURN_IF_ERROR(base::write_file(options.out, schedules::text_of(tables.own)));
    }
    return Status();
}

Status prepare_run(TuneOptions &options, std::vector<Job> &jobs, Tables &tables) {
    options.settings.cache = options.cache;
    options.settings.jobs = generators::job_count(0);
    options.settings.threads = generators::job_count(options.threads);
    SLIMSCALE_RETURN_IF_ERROR(plan_jobs(options, jobs));
    SLIMSCALE_RETURN_IF_ERROR(load_tables(options.out, tables.own, tables.before));
    SLIMSCALE_RETURN_IF_ERROR(generators::make_folder(options.cache));
    return open_halide_runtime(options.cache, options.settings.threads);
}

}  // namespace

int main(int argc, char **argv) {
    TuneOptions options;
    if (const int exit_code = parse_tune_options(argc, argv, options); exit_code >= 0)
        return exit_code;
    std::vector<Job> jobs;
    Tables tables;
    Status status = prepare_run(options, jobs, tables);
    tables.own.header = header_of(options, argc, argv);
    if (status)
        status = tune_all(jobs, options, tables);
    if (!status)
        return fail(status.error());
    std::printf("%s\n", options.out.c_str());
    return 0;
}
