// slimscale_generate gpu-report: every pipeline of a model as CUDA kernels, and what ptxas makes of them.
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "generators/blocks/blocks.h"
#include "generators/driver/commands.h"
#include "generators/driver/compile.h"
#include "generators/driver/files.h"
#include "generators/driver/gpu_kernels.h"
#include "generators/driver/gpu_model.h"
#include "generators/driver/process.h"

namespace slimscale::generators {
namespace {

namespace fs = std::filesystem;

// One kernel on one architecture.
struct Row {
    std::string pipeline;
    int number = 1;  // of the pipeline's kernel
    Launch launch;
    KernelUsage usage;
    HotLoop loop;
    double occupancy = 0;

    bool spills() const { return usage.stack_bytes > 0 || usage.spill_bytes > 0; }
};

struct Files {
    std::string stem;
    std::string ptx() const { return stem + ".ptx"; }
    std::string statement() const { return stem + ".stmt"; }
    std::string cubin(int arch) const { return stem + ".sm_" + std::to_string(arch) + ".cubin"; }
    std::string usage(int arch) const { return stem + ".sm_" + std::to_string(arch) + ".txt"; }
};

Files files_of(const std::string &out, const std::string &pipeline) {
    return {out + "/" + function_name(pipeline, cuda_tier())};
}

std::string compile(const GpuReportRequest &request, const std::string &pipeline) {
    const Files files = files_of(request.out, pipeline);
    PipelineFiles outputs;
    outputs.statement = files.statement();
    outputs.device_code = files.ptx();
    std::string error = compile_pipeline(pipeline, cuda_tier(), outputs);
    for (const int arch : request.archs) {
        std::string usage;
        if (error.empty())
            error = run_command({"ptxas", "-v", "-arch=sm_" + std::to_string(arch), files.ptx(), "-o", files.cubin(arch)},
                                ".", nullptr, &usage);
        if (error.empty())
            error = write_file(files.usage(arch), usage);
    }
    return error.empty() ? "" : pipeline + ": " + error;
}

struct Pipeline {
    std::string name;
    std::vector<Launch> launches;
};

std::string read_launches(const GpuReportRequest &request, Pipeline &pipeline) {
    std::string statement;
    if (std::string error = read_file(files_of(request.out, pipeline.name).statement(), statement); !error.empty())
        return error;
    pipeline.launches = launches(statement);
    return pipeline.launches.empty() ? pipeline.name + ": no kernel with a constant number of threads" : "";
}

std::string read_rows(const GpuReportRequest &request, const Pipeline &pipeline, int arch, std::vector<Row> &rows) {
    const Files files = files_of(request.out, pipeline.name);
    std::string usage, disassembly;
    if (std::string error = read_file(files.usage(arch), usage); !error.empty())
        return error;
    // A disassembler is no part of what compiles: without one those columns stay empty, as the report says.
    if (!run_command({"nvdisasm", "-c", files.cubin(arch)}, ".", &disassembly).empty())
        disassembly.clear();
    const auto all_usage = ptxas_usage(usage);
    const auto loops = hot_loops(disassembly);
    int number = 0;
    for (const Launch &launch : pipeline.launches) {
        const auto found = all_usage.find(launch.kernel);
        if (found == all_usage.end())
            return pipeline.name + ": ptxas says nothing of kernel " + launch.kernel;
        number++;
        Row row{pipeline.name, number, launch, found->second, {}, 0};
        if (const auto loop = loops.find(launch.kernel); loop != loops.end())
            row.loop = loop->second;
        for (const Multiprocessor &multiprocessor : multiprocessors())
            if (multiprocessor.capability == arch)
                row.occupancy = occupancy(multiprocessor, launch, row.usage.registers);
        rows.push_back(row);
    }
    return "";
}

std::string table(int arch, const std::vector<Row> &rows) {
    std::ostringstream text;
    text << "\n## sm_" << arch << "\n\n"
         << "| pipeline | threads | registers | registers × threads | shared, bytes | spills, bytes | stack, bytes | "
            "occupancy | hot loop | FFMA | FFMA share | FFMA per load |\n"
         << "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for (const Row &row : rows) {
        char line[256], loop[96] = "– | – | – | –";
        if (row.loop.instructions > 0)
            std::snprintf(loop, sizeof loop, "%d | %d | %.0f %% | %.1f", row.loop.instructions, row.loop.ffma,
                          100. * row.loop.ffma / row.loop.instructions,
                          row.loop.loads > 0 ? static_cast<double>(row.loop.ffma) / row.loop.loads : 0.);
        std::snprintf(line, sizeof line, "| %s%s | %d | %d | %d | %d | %d | %d | %.0f %% | %s |\n", row.pipeline.c_str(),
                      row.number > 1 ? (" (" + std::to_string(row.number) + ")").c_str() : "",
                      row.launch.threads, row.usage.registers, row.usage.registers * row.launch.threads,
                      row.launch.shared_bytes, row.usage.spill_bytes, row.usage.stack_bytes, 100 * row.occupancy, loop);
        text << line;
    }
    return text.str();
}

// What bounds the C->C convolutions on GPUs of this architecture; "" if there are none, or no disassembler.
std::string bounds(int arch, const std::vector<Row> &rows) {
    std::ostringstream text;
    for (const Gpu &gpu : gpus()) {
        for (const Row &row : rows) {
            const blocks::Block block = blocks::block(row.pipeline);  // its first kernel is for dense inputs
            if (gpu.capability != arch || block.generator != "conv3x3" || row.loop.ffma == 0 || row.number > 1)
                continue;
            const Bound bound = conv3x3_bound(gpu, row.loop, std::stoi(block.params.at("cin")),
                                              std::stoi(block.params.at("cout")), block.params.count("add") > 0);
            char line[192];
            std::snprintf(line, sizeof line, "| %s | %s | %.0f %% | %s | %.0f |\n", gpu.name, row.pipeline.c_str(),
                          100 * bound.share, bound.limit, bound.microseconds);
            text << line;
        }
    }
    return text.str().empty() ? ""
                              : "\nModel, unmeasured: the most that a 3×3 convolution can reach.\n\n"
                                "| GPU | pipeline | share of the FMA peak | limited by | 640×360, µs |\n"
                                "|---|---|--:|---|--:|\n" +
                                    text.str();
}

std::string ptxas_version(std::string &version) {
    std::string text;
    if (!run_command({"ptxas", "--version"}, ".", &text).empty())
        return "ptxas is not on PATH: it is part of CUDA's toolkit, and of PyPI's nvidia-cuda-nvcc-cu12";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (const size_t at = line.find(", V"); at != std::string::npos)
            version = line.substr(at + 3);
    return "";
}

}  // namespace

std::string gpu_report(const ModelRequest &model, const GpuReportRequest &wanted) {
    GpuReportRequest request = wanted;
    request.out = fs::absolute(wanted.out).lexically_normal().string();
    std::vector<std::string> names;
    std::string model_name, version;
    std::string error = model_pipelines(model, model_name, names);
    if (error.empty())
        error = ptxas_version(version);
    if (error.empty())
        error = make_folder(request.out);
    if (!error.empty())
        return error;

    size_t finished = 0;
    error = run_forked(
        names.size(), job_count(model.jobs), [&](size_t i) { return compile(request, names[i]); },
        [&](size_t i) {
            std::printf("[%2zu/%zu] %s\n", ++finished, names.size(), names[i].c_str());
            std::fflush(stdout);
        });
    std::vector<Pipeline> pipelines;
    for (const std::string &name : names) {
        pipelines.push_back({name, {}});
        if (error.empty())
            error = read_launches(request, pipelines.back());
    }

    std::string text = "# " + model_name + ": CUDA kernels\n\nPTX for capability 7.5, assembled by ptxas " + version +
                       ". The hot loop is the one with the most FFMA. (2): the kernel for inputs whose channels do not lie side by "
                       "side. Without nvdisasm on PATH the columns on the hot loop stay empty.\n";
    size_t spilling = 0;
    for (const int arch : request.archs) {
        std::vector<Row> rows;
        for (const Pipeline &pipeline : pipelines)
            if (error.empty())
                error = read_rows(request, pipeline, arch, rows);
        for (const Row &row : rows)
            spilling += row.spills();
        text += table(arch, rows) + bounds(arch, rows);
    }
    const std::string report = request.out + "/report.md";
    if (error.empty())
        error = write_file(report, text);
    if (error.empty())
        std::printf("%s\n", report.c_str());
    if (error.empty() && spilling > 0)
        error = std::to_string(spilling) + " kernels spill registers or have a stack frame: see " + report;
    return error;
}

}  // namespace slimscale::generators
