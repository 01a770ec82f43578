#include "bench/tune/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "compiler/model_plan.h"
#include "compiler/source.h"
#include "generators/variants.h"
#include "schedules/tables.h"

namespace slimscale::bench {

using namespace generators;

namespace {

std::vector<std::string> builtin_pipelines() {
    std::vector<std::string> pipelines;
    for (const Variant &variant : kVariants) {
        if (variant.weights != std::string("zoo"))
            continue;
        const Source source = preset_source(variant.network, variant.scale, variant.colors);
        std::istringstream words(variant.channels);
        const std::vector<int> channels{std::istream_iterator<int>(words), {}};
        const ModelPlan plan = plan_model(model_name(variant), source.network, channels);
        pipelines.insert(pipelines.end(), plan.pipelines.begin(), plan.pipelines.end());
    }
    return pipelines;
}

// Each once, by the name of its row.
std::vector<schedules::Work> works_of(const std::vector<std::string> &pipelines) {
    std::vector<schedules::Work> works;
    for (const std::string &pipeline : pipelines) {
        schedules::Work work;
        const auto is_work = [&](const schedules::Work &other) {
            return schedules::name_of(other) == schedules::name_of(work);
        };
        if (schedules::parse_work(pipeline, work) && std::none_of(works.begin(), works.end(), is_work))
            works.push_back(work);
    }
    return works;
}

bool runs_here(const std::string &tier) {
    using Halide::Target;
    const Target host = Halide::get_host_target();
    return tier == "avx512" ? host.has_feature(Target::AVX512_Skylake) : tier == "avx2" ? host.has_feature(Target::AVX2)
                                                                                        : tier == "baseline";
}

std::string choose_tiers(const TuneOptions &options, std::vector<Tier> &tiers) {
    std::string list, error;
    for (const char *tier : {"avx512", "avx2"})
        if (options.tiers.empty() && runs_here(tier))
            list += (list.empty() ? "" : ",") + std::string(tier);
    for (const std::string &tier : options.tiers) {
        if (!runs_here(tier))
            return tier + " does not run on this processor, or has no measured schedules: use avx512, avx2 or baseline";
        list += (list.empty() ? "" : ",") + tier;
    }
    tiers = parse_tiers(list, false, error);
    return error;
}

}  // namespace

int parse_tune_options(int argc, char **argv, TuneOptions &options) {
    CLI::App app("Searches the blockings that are fastest on this machine and writes them as a table.");
    app.add_option("--tiers", options.tiers, "avx512, avx2, baseline (default: the first two, as far as they run here)")
        ->delimiter(',');
    app.add_option("--blocks", options.blocks, "Such as conv3x3_64_64,tail_64_3 (default: the built-in models')")
        ->delimiter(',');
    app.add_option("--minutes", options.minutes, "Time in all (default: 10)")->check(CLI::NonNegativeNumber);
    app.add_option("--threads", options.threads, "Of timed calls (default: one per core)")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--width", options.settings.width, "Of timed outputs, a multiple of 4 (default: 320)");
    app.add_option("--height", options.settings.height, "Likewise (default: 64)");
    app.add_option("--out", options.out, "Table to write; rows that it has and that are not searched stay");
    app.add_option("--cache", options.cache, "Folder of compiled candidates");
    app.add_option("--machine", options.machine, "What the table calls this machine (default: the processor's name)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error);
    }
    const Settings &s = options.settings;
    if (s.width <= 0 || s.height <= 0 || s.width % 4 != 0 || s.height % 4 != 0) {
        std::fprintf(stderr, "slimscale_tune: --width and --height are multiples of 4\n");
        return 2;
    }
    return -1;
}

std::string plan_jobs(const TuneOptions &options, std::vector<Job> &jobs) {
    std::vector<Tier> tiers;
    if (const std::string error = choose_tiers(options, tiers); !error.empty())
        return error;
    for (const std::string &block : options.blocks)
        if (schedules::Work work; !schedules::parse_work(block, work))
            return block + " has no blocking: use names like conv3x3_64_64, conv1x1_64_64_n2, head_3_64, tail4_64_3";
    for (const schedules::Work &work : works_of(options.blocks.empty() ? builtin_pipelines() : options.blocks))
        for (const Tier &tier : tiers)
            jobs.push_back({schedules::name_of(work), work, tier});
    return "";
}

}  // namespace slimscale::bench
