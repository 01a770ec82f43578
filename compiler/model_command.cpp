// slimscale_generate model: trained file -> pipelines (cached objects) + plan + blob -> one archive and its header.
// gpu-report: its CUDA kernels alone.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "compiler/commands.h"
#include "compiler/files.h"
#include "compiler/gpu_report.h"
#include "compiler/model_archive.h"
#include "compiler/process.h"
#include "compiler/registration.h"
#include "compiler/source.h"

namespace slimscale::generators {
namespace {

std::string absolute(const std::string &path) {
    std::error_code error;
    return std::filesystem::absolute(path, error).lexically_normal().string();
}

// q16 tiers that are named are compiled for an uncalibrated file too: other weights may be given at run time.
std::string choose_tiers(const ModelRequest &request, const Source &source, const std::vector<int> &channels,
                         std::vector<Tier> &tiers) {
    const bool weights = !source.blob.empty(), calibrated = weights && is_calibrated(source, channels);
    std::string error;
    tiers = parse_tiers(request.targets, calibrated, error);
    if (weights && !calibrated && request.link_weights && std::any_of(tiers.begin(), tiers.end(), is_q16))
        std::printf("note: %s is not calibrated for q16 at every trained one of these widths: such targets refuse those "
                    "until `slimscale quantize` has calibrated it\n",
                    request.model.c_str());
    return error;
}

std::string plan_request(const ModelRequest &request, ModelBuild &build) {
    const bool from_file = !request.model.empty();
    if (!from_file && request.network.empty())
        return "no model named: give --model FILE or --network PRESET";
    Source source = from_file ? load_source(request.model)
                              : preset_source(request.network, request.scale, request.colors);
    if (!source.error.empty())
        return source.error;

    std::vector<int> channels;
    std::string error = parse_widths(request.widths, source, channels);
    std::string name = request.name;
    if (name.empty())
        name = from_file ? name_from_file(request.model) : request.network + "_x" + std::to_string(request.scale);
    if (error.empty())
        error = name_error(name);
    if (error.empty())
        error = choose_tiers(request, source, channels, build.tiers);
    if (!error.empty())
        return error;
    build.plan = plan_model(name, source.network, channels, request.tail, request.convolutions);
    if (request.link_weights)
        build.blob = std::move(source.blob);
    return build.plan.error;
}

std::string make_folders(const ModelRequest &request, ModelBuild &build) {
    build.out = absolute(request.out);
    build.cache = absolute(request.cache.empty() ? request.out + "/cache" : request.cache);
    build.report = request.report.empty() ? "" : absolute(request.report);
    const std::string error = make_folder(build.out);
    return error.empty() ? make_folder(build.cache) : error;
}

bool has_cuda(const ModelBuild &build) {
    return std::any_of(build.tiers.begin(), build.tiers.end(),
                       [](const Tier &tier) { return tier.on(Device::cuda); });
}

std::string plan_objects(const ModelRequest &request, ModelBuild &build) {
    std::string error = load_schedules(request.schedules, build.schedules);
    if (error.empty() && has_cuda(build))
        error = find_assembler(request.archs, build.tiers[0].platform, build.assembler);
    std::set<std::string> planned;  // q16 tiers share pipelines with those of f32
    for (const Tier &tier : build.tiers)
        for (Object &object : plan_objects(build.plan.pipelines_of(tier), tier, build.schedules, build.cache, build.assembler))
            if (planned.insert(object.function).second)
                build.objects.push_back(std::move(object));
    return error;
}

std::string compile_with_progress(const ModelBuild &build, int jobs) {
    size_t finished = 0;
    const auto report = [&](const Object &object) {
        const std::string name = object.function.substr(sizeof "slimscale_" - 1);
        std::printf("[%2zu/%zu] %-36s %9s%s\n", ++finished, build.objects.size(), name.c_str(),
                    size_text(archived_bytes(object, build.assembler)).c_str(), object.cached ? "  (cached)" : "");
        std::fflush(stdout);
    };
    return compile_objects(build.objects, build.assembler, job_count(jobs), report);
}

// `slow`: "", or that kernels spill: right but slower than they could be.
std::string report_cuda(const ModelBuild &build, const ModelRequest &request, std::string &slow) {
    int spilling = 0;
    std::vector<Measured> measured;
    if (build.report.empty() || !has_cuda(build))
        return "";
    if (build.assembler.version.empty())
        return remove_file(build.report);  // an older one is not of these kernels
    std::string error = request.measured.empty() ? "" : read_measured(request.measured, measured);
    if (error.empty())
        error = write_gpu_report(build.plan.name, build.objects, build.assembler, measured, job_count(request.jobs),
                                 build.report, spilling);
    if (error.empty())
        std::printf("%s\n", build.report.c_str());
    if (spilling > 0)
        slow = std::to_string(spilling) + " kernels spill registers or have a stack frame: see " + build.report;
    return error;
}

}  // namespace

std::string generate_model(const ModelRequest &request) {
    ModelBuild build;
    std::string slow, error = plan_request(request, build);
    build.tiers = with_cpu_tiers(build.tiers);
    if (error.empty())
        error = make_folders(request, build);
    if (error.empty())
        error = plan_objects(request, build);
    if (error.empty() && has_cuda(build) && build.assembler.version.empty())
        std::printf("ptxas is not on PATH: the archive gets PTX only, which the driver compiles at first use\n");
    if (error.empty())
        error = compile_with_progress(build, request.jobs);
    if (error.empty())
        error = report_cuda(build, request, slow);
    if (error.empty())
        error = write_model(build);
    if (error.empty() && !request.registration.empty())
        error = register_model(request.registration, build.plan.name, build.archive_path());
    if (error.empty())
        std::printf("%s: %s%s%s\n", build.archive_path().c_str(), size_text(file_size(build.archive_path())).c_str(),
                    build.blob.empty() ? "" : "; weights ", calibration_text(build).c_str());
    if (!slow.empty())
        std::printf("The archive is whole, but %s\n", slow.c_str());
    return error;
}

std::string report_kernels(const ModelRequest &request) {
    ModelBuild build;
    std::string slow, error = plan_request(request, build);
    if (error.empty() && !has_cuda(build))
        error = request.targets + " has no CUDA kernels: use cuda, cuda_f16 or both";
    if (error.empty())
        error = make_folders(request, build);
    build.report = build.out + "/report.md";
    if (error.empty())
        error = plan_objects(request, build);
    if (error.empty() && build.assembler.version.empty())
        error = "ptxas is not on PATH: it is part of CUDA's toolkit, and of PyPI's nvidia-cuda-nvcc-cu12";
    if (error.empty())
        error = compile_with_progress(build, request.jobs);
    if (error.empty())
        error = report_cuda(build, request, slow);
    return error.empty() ? slow : error;
}

std::string list_pipelines(const ModelRequest &request) {
    ModelBuild build;
    const std::string error = plan_request(request, build);
    for (const contract::Pipeline &pipeline : build.plan.pipelines)
        std::printf("%s\n", name_of(pipeline).c_str());
    return error;
}

}  // namespace slimscale::generators
