#include "compiler/gpu_report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "compiler/files.h"
#include "compiler/gpu_kernels.h"
#include "compiler/gpu_model.h"
#include "compiler/process.h"
#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace {

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

struct Pipeline {
    const Object *object;
    std::vector<Launch> launches;
};

std::string read_launches(Pipeline &pipeline) {
    std::string statement;
    const std::string error = read_file(pipeline.object->cuda.statement(), statement);
    pipeline.launches = launches(statement);
    if (error.empty() && pipeline.launches.empty())
        return pipeline.object->function + ": no kernel with a constant number of threads";
    return error;
}

// Lines "kernel instructions ffma loads".
std::map<std::string, HotLoop> kept_loops(const std::string &path) {
    std::map<std::string, HotLoop> loops;
    std::ifstream lines(path);
    HotLoop loop;
    for (std::string kernel; lines >> kernel >> loop.instructions >> loop.ffma >> loop.loads;)
        loops[kernel] = loop;
    return loops;
}

// Keeps what the loops of a cubin hold beside it: reading the disassembly takes a second. "" or a sentence.
std::string keep_loops(const CudaFiles &files, const Assembler &assembler, int arch) {
    std::string disassembly;
    if (file_exists(files.loops(assembler, arch)))
        return "";
    // A disassembler is no part of what compiles: without one those columns stay empty, as the report says.
    if (!run_command({"nvdisasm", "-c", files.cubin(assembler, arch)}, ".", &disassembly).empty())
        return "";
    std::ostringstream text;
    for (const auto &[kernel, loop] : hot_loops(disassembly))
        text << kernel << " " << loop.instructions << " " << loop.ffma << " " << loop.loads << "\n";
    return write_file(files.loops(assembler, arch), text.str());
}

std::string disassemble(const std::vector<Object> &objects, const Assembler &assembler, int jobs) {
    std::vector<const Object *> cuda;
    for (const Object &object : objects)
        if (object.tier.device == Device::cuda)
            cuda.push_back(&object);
    const auto keep_all = [&](size_t i) {
        std::string error;
        for (const int arch : assembler.archs)
            if (error.empty())
                error = keep_loops(cuda[i]->cuda, assembler, arch);
        return error;
    };
    return run_forked(cuda.size(), jobs, keep_all, [](size_t) {});
}

std::string read_rows(const Pipeline &pipeline, const Assembler &assembler, int arch, std::vector<Row> &rows) {
    const Object &object = *pipeline.object;
    std::string usage;
    if (std::string error = read_file(object.cuda.usage(assembler, arch), usage); !error.empty())
        return error;
    const auto all_usage = ptxas_usage(usage);
    const auto loops = kept_loops(object.cuda.loops(assembler, arch));
    int number = 0;
    for (const Launch &launch : pipeline.launches) {
        const auto found = all_usage.find(launch.kernel);
        if (found == all_usage.end())
            return object.function + ": ptxas says nothing of kernel " + launch.kernel;
        number++;
        Row row{object.pipeline, number, launch, found->second, {}, 0};
        if (const auto loop = loops.find(launch.kernel); loop != loops.end())
            row.loop = loop->second;
        for (const Multiprocessor &multiprocessor : multiprocessors())
            if (multiprocessor.capability == arch)
                row.occupancy = occupancy(multiprocessor, launch, row.usage.registers);
        rows.push_back(row);
    }
    return "";
}

std::string table(const Tier &tier, int arch, const std::vector<Row> &rows) {
    std::ostringstream text;
    text << "\n## " << tier.name << ", sm_" << arch << "\n\n"
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

// "" or the measured time and its ratio to the model's, as cells.
std::string measured_cells(const std::vector<Measured> &measured, const Gpu &gpu, const std::string &target,
                           const std::string &pipeline, double model) {
    char cells[64];
    for (const Measured &one : measured)
        if (one.target == target && one.pipeline == pipeline && is_gpu(gpu, one.device)) {
            std::snprintf(cells, sizeof cells, " %.1f | %.2f |", one.microseconds, one.microseconds / model);
            return cells;
        }
    return " – | – |";
}

// What bounds the pipelines on GPUs of this architecture; "" if there are none, or no disassembler.
std::string bounds(const Tier &tier, int arch, const std::vector<Row> &rows, const std::vector<Measured> &measured) {
    std::ostringstream text;
    for (const Gpu &gpu : gpus())
        for (const Row &row : rows) {
            Work work;  // a pipeline's first kernel is for dense inputs
            const blocks::Block block = blocks::block(row.pipeline, tier.schedule, tier.precision);
            if (gpu.capability != arch || row.loop.instructions == 0 || row.number > 1 || !work_of(block, work))
                continue;
            const Bound bound = bound_of(gpu, row.loop, work);
            char line[192], share[16] = "–";
            if (work.fma > 0)
                std::snprintf(share, sizeof share, "%.0f %%", 100 * bound.share);
            std::snprintf(line, sizeof line, "| %s | %s | %s | %s | %.1f |", gpu.name, row.pipeline.c_str(), share,
                          bound.limit, bound.microseconds);
            text << line << measured_cells(measured, gpu, tier.name, row.pipeline, bound.microseconds) << "\n";
        }
    return text.str().empty() ? ""
                              : "\nModel, unmeasured: the most that a call on a frame of 640×360 pixels can reach. Beside it "
                                "what `--measured` holds of the same GPU.\n\n"
                                "| GPU | pipeline | share of the FMA peak | limited by | µs | measured, µs | "
                                "measured / model |\n"
                                "|---|---|--:|---|--:|--:|--:|\n" +
                                    text.str();
}

// What was measured on devices that the model does not know; "" if nothing.
std::string unknown_devices(const std::vector<Measured> &measured) {
    std::ostringstream text;
    for (const Measured &one : measured) {
        char line[64];
        if (std::any_of(gpus().begin(), gpus().end(), [&](const Gpu &gpu) { return is_gpu(gpu, one.device); }))
            continue;
        std::snprintf(line, sizeof line, " | %.1f |\n", one.microseconds);
        text << "| " << one.device << " | " << one.target << " | " << one.pipeline << line;
    }
    return text.str().empty() ? ""
                              : "\n## Measured on devices without a model\n\n"
                                "| device | target | pipeline | 640×360, µs |\n|---|---|---|--:|\n" +
                                    text.str();
}

// All of one tier's tables; `spilling` counts.
std::string write_tier(std::vector<Pipeline> &pipelines, const Assembler &assembler,
                       const std::vector<Measured> &measured, std::string &text, int &spilling) {
    std::string error;
    for (Pipeline &pipeline : pipelines)
        if (error.empty())
            error = read_launches(pipeline);
    for (const int arch : assembler.archs) {
        const Tier &tier = pipelines[0].object->tier;
        std::vector<Row> rows;
        for (const Pipeline &pipeline : pipelines)
            if (error.empty())
                error = read_rows(pipeline, assembler, arch, rows);
        for (const Row &row : rows)
            spilling += row.spills();
        text += table(tier, arch, rows);
        if (tier.precision == std::string("f32"))
            text += bounds(tier, arch, rows, measured);
    }
    return error;
}

std::map<std::string, std::vector<Pipeline>> by_tier(const std::vector<Object> &objects) {
    std::map<std::string, std::vector<Pipeline>> tiers;
    for (const Object &object : objects)
        if (object.tier.device == Device::cuda)
            tiers[object.tier.name].push_back({&object, {}});
    return tiers;
}

}  // namespace

std::string write_gpu_report(const std::string &model_name, const std::vector<Object> &objects,
                             const Assembler &assembler, const std::vector<Measured> &measured, int jobs,
                             const std::string &path, int &spilling) {
    std::string text = "# " + model_name + ": CUDA kernels\n\nPTX for capability 7.5, assembled by ptxas " +
                       assembler.version +
                       ". The hot loop is the one with the most FFMA. (2): the kernel for inputs whose channels do not "
                       "lie side by side. Without nvdisasm on PATH the columns on the hot loop stay empty.\n";
    std::string error = disassemble(objects, assembler, jobs);
    spilling = 0;
    for (auto &[tier, pipelines] : by_tier(objects))
        if (error.empty())
            error = write_tier(pipelines, assembler, measured, text, spilling);
    text += unknown_devices(measured);
    return error.empty() ? write_file(path, text) : error;
}

}  // namespace slimscale::generators
