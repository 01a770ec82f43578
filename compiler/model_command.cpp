// slimscale_generate model: trained file -> pipelines (cached objects) + plan + blob -> one archive and its header.
// slimscale_generate gpu-report: its CUDA kernels only, and the report on them. slimscale_generate pipelines: their
// names.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "compiler/commands.h"
#include "compiler/files.h"
#include "compiler/gpu_report.h"
#include "compiler/model_archive.h"
#include "compiler/process.h"
#include "compiler/registration.h"
#include "compiler/source.h"
#include "weights/pack.h"

namespace slimscale::generators {
namespace {

std::string absolute(const std::string &path) {
    std::error_code error;
    return std::filesystem::absolute(path, error).lexically_normal().string();
}

// Named q16 targets are compiled for an uncalibrated file too, since other weights may be given at run time.
Result<std::vector<Target>> choose_targets(const ModelRequest &request, const Source &source,
                                           const std::vector<int> &channels) {
    const bool weights = source.file.has_value(), calibrated = weights && is_calibrated(source, channels);
    SLIMSCALE_ASSIGN_OR_RETURN(std::vector<Target> targets, parse_targets(request.targets, calibrated));
    if (weights && !calibrated && request.link_weights && std::any_of(targets.begin(), targets.end(), is_q16))
        std::printf(
            "note: %s is not calibrated for q16 at every trained width of this archive: q16 targets refuse such widths "
            "until `slimscale quantize` has calibrated the file\n",
            request.model.c_str());
    return targets;
}

Result<ModelBuild> plan_request(const ModelRequest &request) {
    const bool from_file = !request.model.empty();
    if (!from_file && request.network.empty())
        return Error{"no model named: give --model FILE or --network PRESET"};
    SLIMSCALE_ASSIGN_OR_RETURN(const Source source, from_file
                                                  ? load_source(request.model)
                                                  : preset_source(request.network, request.scale, request.colors));
    std::vector<int> channels;
    SLIMSCALE_RETURN_IF_ERROR(parse_widths(request.widths, source, channels));
    std::string name = request.name;
    if (name.empty())
        name = from_file ? name_from_file(request.model) : request.network + "_x" + std::to_string(request.scale);
    SLIMSCALE_RETURN_IF_ERROR(check_name(name));
    ModelBuild build;
    SLIMSCALE_ASSIGN_OR_RETURN(build.targets, choose_targets(request, source, channels));
    SLIMSCALE_ASSIGN_OR_RETURN(build.plan,
                               plan_model(name, source.network, channels, request.tail, request.convolutions));
    if (request.link_weights && source.file) {
        SLIMSCALE_ASSIGN_OR_RETURN(build.blob, weights::pack(*source.file, channels));
    }
    return build;
}

Status make_folders(const ModelRequest &request, ModelBuild &build) {
    build.out = absolute(request.out);
    build.cache = absolute(request.cache.empty() ? request.out + "/cache" : request.cache);
    build.report = request.report.empty() ? "" : absolute(request.report);
    SLIMSCALE_RETURN_IF_ERROR(make_folder(build.out));
    return make_folder(build.cache);
}

bool has_cuda(const ModelBuild &build) {
    return std::any_of(build.targets.begin(), build.targets.end(),
                       [](const Target &target) { return target.on(Device::cuda); });
}

Status plan_objects(const ModelRequest &request, ModelBuild &build) {
    SLIMSCALE_RETURN_IF_ERROR(load_schedules(request.schedules, build.schedules));
    if (has_cuda(build))
        SLIMSCALE_RETURN_IF_ERROR(find_assembler(request.archs, build.targets[0].platform, build.assembler));
    std::set<std::string> planned;  // q16 targets share pipelines with f32 targets
    for (const Target &target : build.targets)
        for (Object &object :
             plan_objects(build.plan.pipelines_of(target), target, build.schedules, build.cache, build.assembler))
            if (planned.insert(object.function).second)
                build.objects.push_back(std::move(object));
    return Status();
}

Status compile_with_progress(const ModelBuild &build, int jobs) {
    size_t finished = 0;
    const auto report = [&](const Object &object) {
        const std::string name = object.function.substr(sizeof "slimscale_" - 1);
        std::printf("[%2zu/%zu] %-36s %9s%s\n", ++finished, build.objects.size(), name.c_str(),
                    base::file_size_text(archived_bytes(object, build.assembler)).c_str(),
                    object.cached ? "  (cached)" : "");
        std::fflush(stdout);
    };
    return compile_objects(build.objects, build.assembler, job_count(jobs), report);
}

// `slow` becomes a sentence if kernels spill, which are then correct but slower than they could be.
Result<std::string> cuda_report(const ModelBuild &build, const ModelRequest &request, std::string &slow) {
    int spilling = 0;
    std::vector<Measured> measured;
    if (!request.measured.empty())
        SLIMSCALE_RETURN_IF_ERROR(read_measured(request.measured, measured));
    SLIMSCALE_ASSIGN_OR_RETURN(std::string text, gpu_report(build.plan.name, build.objects, build.assembler, measured,
                                                            job_count(request.jobs), spilling));
    if (spilling > 0)
        slow = std::to_string(spilling) + " kernels spill registers or have a stack frame: see " + build.report;
    return text;
}

Status write_report(const ModelBuild &build, const ModelRequest &request, std::string &slow) {
    if (build.report.empty())
        return Status();
    std::string text = "# " + build.plan.name +
                       ": code\n\nWhat each target brings into a program that links the archive, without weights (" +
                       base::file_size_text(build.blob.size()) + ") and plans.\n\n" + code_size_table(build);
    if (has_cuda(build) && !build.assembler.version.empty()) {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::string kernels, cuda_report(build, request, slow));
        text += "\n" + kernels;
    }
    SLIMSCALE_RETURN_IF_ERROR(base::write_file(build.report, text));
    std::printf("%s\n", build.report.c_str());
    return Status();
}

}  // namespace

Status generate_model(const ModelRequest &request) {
    SLIMSCALE_ASSIGN_OR_RETURN(ModelBuild build, plan_request(request));
    build.targets = with_cpu_targets(build.targets);
    SLIMSCALE_RETURN_IF_ERROR(make_folders(request, build));
    SLIMSCALE_RETURN_IF_ERROR(plan_objects(request, build));
    if (has_cuda(build) && build.assembler.version.empty())
        std::printf("ptxas is not on PATH: the archive gets PTX only, which the driver compiles at first use\n");
    std::string slow;
    SLIMSCALE_RETURN_IF_ERROR(compile_with_progress(build, request.jobs));
    SLIMSCALE_RETURN_IF_ERROR(write_report(build, request, slow));
    SLIMSCALE_RETURN_IF_ERROR(write_model(build));
    if (!request.registration.empty())
        SLIMSCALE_RETURN_IF_ERROR(register_model(request.registration, build.plan.name, build.archive_path()));
    std::printf("%s: %s, of which code %s%s%s\n", build.archive_path().c_str(),
                base::file_size_text(file_size(build.archive_path())).c_str(),
                base::file_size_text(code_bytes(build)).c_str(), build.blob.empty() ? "" : "; weights ",
                calibration_text(build).c_str());
    if (!slow.empty())
        std::printf("The archive is complete, but %s\n", slow.c_str());
    return Status();
}

Status report_kernels(const ModelRequest &request) {
    SLIMSCALE_ASSIGN_OR_RETURN(ModelBuild build, plan_request(request));
    if (!has_cuda(build))
        return Error{request.targets + " has no CUDA kernels: use cuda, cuda_f16 or both"};
    SLIMSCALE_RETURN_IF_ERROR(make_folders(request, build));
    build.report = build.out + "/report.md";
    SLIMSCALE_RETURN_IF_ERROR(plan_objects(request, build));
    if (build.assembler.version.empty())
        return Error{"ptxas is not on PATH: it is part of CUDA's toolkit, and of PyPI's nvidia-cuda-nvcc-cu12"};
    std::string slow;
    SLIMSCALE_RETURN_IF_ERROR(compile_with_progress(build, request.jobs));
    SLIMSCALE_RETURN_IF_ERROR(write_report(build, request, slow));
    return slow.empty() ? Status() : Error{slow};
}

Status list_pipelines(const ModelRequest &request) {
    SLIMSCALE_ASSIGN_OR_RETURN(const ModelBuild build, plan_request(request));
    for (const contract::Pipeline &pipeline : build.plan.pipelines)
        std::printf("%s\n", name_of(pipeline).c_str());
    return Status();
}

}  // namespace slimscale::generators
