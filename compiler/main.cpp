// slimscale_generate: compiles trained files into model archives. `slimscale_generate --help` lists its commands.
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "compiler/commands.h"
#include "compiler/targets.h"

using namespace slimscale;
using namespace slimscale::generators;

namespace {

void add_model_options(CLI::App &command, ModelRequest &request) {
    auto *model = command.add_option("--model", request.model, "Trained file (.safetensors)")->check(CLI::ExistingFile);
    auto *network = command.add_option("--network", request.network, "A preset instead of a file, without weights");
    network->excludes(model);
    command.add_option("--scale", request.scale, "With --network: 1, 2, 3 or 4")->needs(network);
    command.add_option("--colors", request.colors, "With --network: 3 (RGB) or 1 (luma)")->needs(network);
    command.add_flag_callback(
        "--plain-tail", [&] { request.tail = networks::Tail::plain; },
        "Keep the last upsampler convolution and the tail apart, to measure against");
    command.add_flag_callback(
        "--direct", [&] { request.convolutions = Convolutions::direct; },
        "GPUs: compute no 3x3 convolution by Winograd, to measure against");
    command.add_option("--widths", request.widths, "all, trained, or channel counts: 16,64 (default: trained)");
}

void add_archs_option(CLI::App &command, ModelRequest &request) {
    constexpr const char *kHelp =
        "cuda: compute capabilities to assemble for (default: 75,80,86,87,90,100,120; ARM: 87)";
    command.add_option("--archs", request.archs, kHelp)->delimiter(',');
}

void add_schedules_option(CLI::App &command, std::string &schedules) {
    constexpr const char *kHelp = "Table of blockings that `make tune` wrote; its rows replace the built-in ones";
    command.add_option("--schedules", schedules, kHelp)->envname("SLIMSCALE_SCHEDULES");
}

void add_measured_option(CLI::App &command, ModelRequest &request) {
    constexpr const char *kHelp = "File of bench_pipelines --json, whose times the report shows";
    command.add_option("--measured", request.measured, kHelp)->check(CLI::ExistingFile);
}

CLI::App *add_model_command(CLI::App &app, ModelRequest &request) {
    auto *command = app.add_subcommand("model", "Compile a model into libslimscale_model_<name>.a and its header");
    add_model_options(*command, request);
    constexpr const char *kTargets =
        "cpu (default: all of x86-64, with q16 if the file is calibrated), arm (neon), jetson (cuda,neon), "
        "android (neon,opencl,vulkan), or a list of targets; if it has only GPUs (cuda, opencl, vulkan), targets of "
        "the "
        "CPU are added";
    command->add_option("--targets", request.targets, kTargets);
    command->add_option("--name", request.name, "Name of archive and function (default: after the model file)");
    command->add_option("--out", request.out, "Folder of the archive (default: here)");
    command->add_option("--cache", request.cache, "Folder of compiled pipelines (default: <out>/cache)");
    add_schedules_option(*command, request.schedules);
    command->add_option("--register", request.registration, "File that lists models, in which the archive is entered");
    command->add_option("--jobs", request.jobs, "Pipelines compiled at a time (default: one per usable processor)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--report", request.report,
                        "File for a report on code per target, and on registers and spills of CUDA kernels");
    add_measured_option(*command, request);
    add_archs_option(*command, request);
    command->add_flag("!--no-weights", request.link_weights, "Link no weights: they are given at run time");
    return command;
}

}  // namespace

int main(int argc, char **argv) {
    std::signal(SIGCHLD, SIG_DFL);  // a parent may have ignored it, and then waiting for children would fail
    CLI::App app("Compiles super-resolution networks ahead of time.");
    app.require_subcommand(1);
    app.footer("Example: slimscale_generate model --model my.safetensors --widths 16,64 --targets cpu --out generated");

    ModelRequest request;
    auto *model = add_model_command(app, request);
    auto *pipelines = app.add_subcommand("pipelines", "List the pipelines that a model needs");
    add_model_options(*pipelines, request);

    std::string platform = platforms()[0], target = "avx2", out, pipeline;
    std::vector<std::string> objects, keep;
    bool vulkan = false;
    auto *runtime = app.add_subcommand("runtime", "Write Halide's runtime for a platform as one object");
    runtime->add_option("--target", platform, base::joined(platforms(), " or "))->check(CLI::IsMember(platforms()));
    runtime->add_flag("--vulkan", vulkan, "Include Halide's runtime for Vulkan");
    runtime->add_option("--out", out, "The object file")->required();

    auto *inspect = app.add_subcommand("inspect", "Write one pipeline's object, assembly and loop nest to look at");
    inspect->add_option("pipeline", pipeline, "Its name, e.g. conv3x3_16_16")->required();
    inspect->add_option("--target", target, "Default: avx2");
    add_schedules_option(*inspect, request.schedules);
    inspect->add_option("--out", out, "Folder")->required();

    auto *merge = app.add_subcommand("merge", "Merge objects into an archive that hides all symbols but the kept ones");
    merge->add_option("objects", objects)->required()->check(CLI::ExistingFile);
    merge->add_option("--keep", keep, "Symbols to keep, '*' matches any part")->required();
    merge->add_option("--target", platform, base::joined(platforms(), " or "))->check(CLI::IsMember(platforms()));
    merge->add_option("--out", out, "The archive")->required();

    ModelRequest kernels;
    kernels.targets = "cuda";
    auto *report =
        app.add_subcommand("gpu-report", "Compile only CUDA kernels and report what they take (needs ptxas)");
    add_model_options(*report, kernels);
    add_archs_option(*report, kernels);
    add_measured_option(*report, kernels);
    report->add_option("--targets", kernels.targets, "cuda (default), cuda_f16 or both");
    report->add_option("--out", kernels.out, "Folder of report.md")->required();
    report->add_option("--cache", kernels.cache, "Folder of compiled pipelines (default: <out>/cache)");
    report->add_option("--jobs", kernels.jobs, "Pipelines compiled at a time (default: one per usable processor)")
        ->check(CLI::NonNegativeNumber);

    CLI11_PARSE(app, argc, argv);
    Status status;
    if (*model)
        status = generate_model(request);
    else if (*pipelines)
        status = list_pipelines(request);
    else if (*runtime)
        status = generate_runtime(platform + (vulkan ? "-vulkan" : ""), out);
    else if (*inspect)
        status = inspect_pipeline(pipeline, target, request.schedules, out);
    else if (*report)
        status = report_kernels(kernels);
    else if (*merge)
        status = merge_objects(objects, keep, platform, out);
    if (!status)
        std::fprintf(stderr, "slimscale_generate: %s\n", status.error().c_str());
    return status ? 0 : 1;
}
