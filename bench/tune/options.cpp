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

std::vector<contract::Pipeline> builtin_pipelines() {
    std::vector<contract::Pipeline> pipelines;
    for (const Variant &variant : kVariants) {
        if (variant.weights != std::string("zoo"))
            continue;
        const Result<Source> source = preset_source(variant.network, variant.scale, variant.colors);
        std::istringstream words(variant.channels);
        const std::vector<int> channels{std::istream_iterator<int>(words), {}};
        if (!source)
            continue;
        const Result<ModelPlan> plan = plan_model(model_name(variant), source->network, channels);
        if (plan)
            pipelines.insert(pipelines.end(), plan->pipelines.begin(), plan->pipelines.end());
    }
    return pipelines;
}

// The distinct works of pipelines, named as the rows of tables are.
std::vector<schedules::Work> works_of(const std::vector<contract::Pipeline> &pipelines) {
    std::vector<schedules::Work> works;
    for (const contract::Pipeline &pipeline : pipelines)
        if (schedules::Work work;
            schedules::work_of(pipeline, work) && std::find(works.begin(), works.end(), work) == works.end())
            works.push_back(work);
    return works;
}

bool runs_here(const Target &target) {
    using Halide::Target;
    const Target host = Halide::get_host_target(), wanted(target.platform + std::string(target.features));
    bool all = wanted.arch == host.arch;
    for (int i = 0; i < Target::FeatureEnd; i++)
        all = all && (!wanted.has_feature(static_cast<Target::Feature>(i)) ||
                      host.has_feature(static_cast<Target::Feature>(i)));
    return all;
}

// The targets whose blockings are searched: those of processors in f32 that run here.
std::vector<Target> tunable_targets() {
    std::vector<Target> targets;
    for (const Target &target : all_targets())
        if (target.schedule == Schedule::fast && target.id.type == contract::DataType::f32 && runs_here(target))
            targets.push_back(target);
    return targets;
}

// Of a target in another data type, whose blockings are those of a target in f32: the name of that one; else "".
std::string blocked_as(const std::string &name) {
    contract::Target named;
    if (!contract::parse_target(name, named) || named.on_device() || named.type == contract::DataType::f32)
        return "";
    const contract::IsaFacts *own = facts_of(named.isa);
    for (const contract::IsaFacts &facts : contract::kIsas)  // the first with these numbers stands for all
        if (facts.lanes == own->lanes && facts.registers == own->registers)
            return std::string(facts.name);
    return "";
}

Result<std::vector<Target>> choose_targets(const TuneOptions &options) {
    std::vector<Target> targets;
    std::string names;
    for (const Target &target : tunable_targets()) {
        const bool measured = facts_of(target.id.isa)->blockings == contract::Blockings::measured;
        const bool asked =
            std::find(options.targets.begin(), options.targets.end(), target.name) != options.targets.end();
        names += (names.empty() ? "" : ", ") + target.name;
        if (options.targets.empty() ? measured : asked)
            targets.push_back(target);
    }
    for (const std::string &name : options.targets) {
        if (const std::string other = blocked_as(name); !other.empty())
            return Error{name + " has the blockings of " + other + ": tune that one"};
        if (std::none_of(targets.begin(), targets.end(), [&](const Target &target) { return target.name == name; }))
            return Error{name + " does not run on this processor, or has no blockings: use " + names};
    }
    return targets;
}

}  // namespace

int parse_tune_options(int argc, char **argv, TuneOptions &options) {
    CLI::App app("Searches the blockings that are fastest on this machine and writes them as a table.");
    app.add_option("--targets", options.targets,
                   "Such as avx2 (default: those with a table in schedules/tables that run here)")
        ->delimiter(',');
    app.add_option("--tiers", options.targets)->delimiter(',')->group("");  // the name until 0.1.0, not shown
    app.add_option("--blocks", options.blocks, "Such as conv3x3_64_64,tail_64_3 (default: the built-in models')")
        ->delimiter(',');
    app.add_option("--minutes", options.minutes, "Time for all blocks (default: 10)")->check(CLI::NonNegativeNumber);
    app.add_option("--threads", options.threads, "Threads of timed calls (default: one per usable processor)")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--width", options.settings.width, "Width of timed outputs, a multiple of 4 (default: 320)");
    app.add_option("--height", options.settings.height, "Height of timed outputs, a multiple of 4 (default: 64)");
    app.add_option("--out", options.out, "Table to write; its rows that are not searched stay");
    app.add_option("--cache", options.cache, "Folder of compiled candidates");
    app.add_option("--machine", options.machine, "Name of this machine in the table (default: the processor's)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error);
    }
    const Settings &s = options.settings;
    if (s.width <= 0 || s.height <= 0 || s.width % 4 != 0 || s.height % 4 != 0) {
        std::fprintf(stderr, "slimscale_tune: --width and --height must be multiples of 4\n");
        return 2;
    }
    return -1;
}

Status plan_jobs(const TuneOptions &options, std::vector<Job> &jobs) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<Target> targets, choose_targets(options));
    std::vector<contract::Pipeline> pipelines =
        options.blocks.empty() ? builtin_pipelines() : std::vector<contract::Pipeline>{};
    for (const std::string &block : options.blocks) {
        schedules::Work work;
        if (!schedules::parse_work(block, work))
            return Error{block +
                         " has no blocking: use names like conv3x3_64_64, conv1x1_64_64_n2, head_3_64, tail4_64_3"};
        pipelines.push_back(work);
    }
    for (const schedules::Work &work : works_of(pipelines))
        for (const Target &target : targets)
            jobs.push_back({name_of(work).str(), work, target});
    return Status();
}

}  // namespace slimscale::bench
