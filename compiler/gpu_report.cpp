#include "compiler/gpu_report.h"

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "base/files.h"
#include "base/numbers.h"
#include "base/table.h"
#include "compiler/files.h"
#include "compiler/gpu_kernels.h"
#include "compiler/gpu_work.h"
#include "compiler/process.h"

namespace slimscale::generators {
namespace {

const char *const kAboutWork =
    "\n## Roofline\n\nThe least that a call on a frame of 640×360 pixels computes and moves, in f32. A GPU "
    "needs no less time than the larger of multiply-adds over its FMA peak and bytes over its memory's rate. "
    "Both are equal at its balance, in FMA per byte: 6.3 on an A100 (9.75·10¹² FMA/s, 1555 GB/s). "
    "Times come from the file of `--measured`.\n\n";

// One kernel on one architecture.
struct Row {
    contract::Pipeline pipeline;
    int number = 1;  // of the kernel in its pipeline, from 1
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

Status read_launches(Pipeline &pipeline) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string statement, base::read_text(pipeline.object->cuda.statement()));
    pipeline.launches = launches(statement);
    if (pipeline.launches.empty())
        return Error{pipeline.object->function + ": no kernel with a constant number of threads"};
    return Status();
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

// Keeps the counts of a cubin's loops in a file beside it, since reading the disassembly takes a second.
Status keep_loops(const CudaFiles &files, const Assembler &assembler, int arch) {
    std::string disassembly;
    if (file_exists(files.loops(assembler, arch)))
        return Status();
    // Compiling needs no disassembler: without one those columns stay empty, as the report says.
    if (!run_command({"nvdisasm", "-c", files.cubin(assembler, arch)}, ".", &disassembly))
        return Status();
    std::ostringstream text;
    for (const auto &[kernel, loop] : hot_loops(disassembly))
        text << kernel << " " << loop.instructions << " " << loop.ffma << " " << loop.loads << "\n";
    return base::write_file(files.loops(assembler, arch), text.str());
}

Status disassemble(const std::vector<Object> &objects, const Assembler &assembler, int jobs) {
    std::vector<const Object *> cuda;
    for (const Object &object : objects)
        if (object.target.on(Device::cuda))
            cuda.push_back(&object);
    const auto keep_all = [&](size_t i) -> Status {
        for (const int arch : assembler.archs)
            SLIMSCALE_RETURN_IF_ERROR(keep_loops(cuda[i]->cuda, assembler, arch));
        return Status();
    };
    return run_forked(cuda.size(), jobs, keep_all, [](size_t) {});
}

Status read_rows(const Pipeline &pipeline, const Assembler &assembler, int arch, std::vector<Row> &rows) {
    const Object &object = *pipeline.object;
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string usage, base::read_text(object.cuda.usage(assembler, arch)));
    const auto all_usage = ptxas_usage(usage);
    const auto loops = kept_loops(object.cuda.loops(assembler, arch));
    int number = 0;
    for (const Launch &launch : pipeline.launches) {
        const auto found = all_usage.find(launch.kernel);
        if (found == all_usage.end())
            return Error{object.function + ": ptxas says nothing of kernel " + launch.kernel};
        number++;
        Row row{object.pipeline, number, launch, found->second, {}, 0};
        if (const auto loop = loops.find(launch.kernel); loop != loops.end())
            row.loop = loop->second;
        for (const Multiprocessor &multiprocessor : multiprocessors())
            if (multiprocessor.capability == arch)
                row.occupancy = occupancy(multiprocessor, launch, row.usage.registers);
        rows.push_back(row);
    }
    return Status();
}

// The columns of `names`; those behind the first `texts` hold numbers.
std::vector<base::Column> columns(size_t texts, const std::vector<const char *> &names) {
    std::vector<base::Column> all;
    all.reserve(names.size());
    for (const char *name : names)
        all.push_back({name, /*numeric=*/all.size() >= texts, /*decimals=*/1});
    return all;
}

std::string section(const base::Table &table) {
    return table.rows.empty() ? "" : "\n## " + table.title + "\n\n" + base::to_markdown(table);
}

// Instructions, FFMA, the share of FFMA, and FFMA per load; dashes where the loop is not known.
std::vector<base::Cell> loop_cells(const HotLoop &loop) {
    if (loop.instructions == 0)
        return std::vector<base::Cell>(4, base::kNoValue);
    return {std::to_string(loop.instructions), std::to_string(loop.ffma),
            base::percent(static_cast<double>(loop.ffma) / loop.instructions),
            loop.loads > 0 ? static_cast<double>(loop.ffma) / loop.loads : 0.};
}

base::Table kernels_table(const Target &target, int arch, const std::vector<Row> &rows) {
    base::Table table{
        std::string(target.name) + ", sm_" + std::to_string(arch),
        columns(1, {"pipeline", "threads", "registers", "registers × threads", "shared, bytes", "spills, bytes",
                    "stack, bytes", "occupancy", "hot loop", "FFMA", "FFMA share", "FFMA per load"}),
        {}};
    for (const Row &row : rows) {
        std::vector<base::Cell> &cells = table.rows.emplace_back();
        cells.push_back(name_of(row.pipeline).str() + (row.number > 1 ? " (" + std::to_string(row.number) + ")" : ""));
        for (const int number : {row.launch.threads, row.usage.registers, row.usage.registers * row.launch.threads,
                                 row.launch.shared_bytes, row.usage.spill_bytes, row.usage.stack_bytes})
            cells.push_back(std::to_string(number));
        cells.push_back(base::percent(row.occupancy));
        const std::vector<base::Cell> loop = loop_cells(row.loop);
        cells.insert(cells.end(), loop.begin(), loop.end());
    }
    return table;
}

// One row for each pipeline, and one more for each device that it was measured on.
base::Table work_table(const std::vector<Pipeline> &pipelines, const std::vector<Measured> &measured) {
    base::Table table;
    table.columns = columns(1, {"pipeline", "10⁶ FMA", "MB", "FMA per byte", "device", "µs", "10⁹ FMA/s", "GB/s"});
    table.columns[4].numeric = false;
    const double none = std::nan("");
    for (const Pipeline &pipeline : pipelines) {
        const Work work = work_of(pipeline.object->pipeline);
        const std::string name = name_of(pipeline.object->pipeline).str();
        if (work.bytes == 0)
            continue;
        const auto row = [&](const std::string &device, double microseconds) {
            table.rows.push_back({name, work.fma / 1e6, work.bytes / 1e6, work.fma / work.bytes, device, microseconds,
                                  work.fma / microseconds / 1e3, work.bytes / microseconds / 1e3});
        };
        const size_t before = table.rows.size();
        for (const Measured &one : measured)
            if (one.target == pipeline.object->target.name && one.pipeline == name)
                row(one.device, one.microseconds);
        if (table.rows.size() == before)
            row(base::kNoValue, none);
    }
    return table;
}

// Appends the tables of one target to `text`, and adds its kernels that spill to `spilling`.
Status write_target(std::vector<Pipeline> &pipelines, const Assembler &assembler, const std::vector<Measured> &measured,
                    std::string &text, int &spilling) {
    for (Pipeline &pipeline : pipelines)
        SLIMSCALE_RETURN_IF_ERROR(read_launches(pipeline));
    for (const int arch : assembler.archs) {
        const Target &target = pipelines[0].object->target;
        std::vector<Row> rows;
        for (const Pipeline &pipeline : pipelines)
            SLIMSCALE_RETURN_IF_ERROR(read_rows(pipeline, assembler, arch, rows));
        for (const Row &row : rows)
            spilling += row.spills();
        text += section(kernels_table(target, arch, rows));
    }
    if (pipelines[0].object->target.id.type == DataType::f32)
        text += kAboutWork + base::to_markdown(work_table(pipelines, measured));
    return Status();
}

std::map<std::string, std::vector<Pipeline>> by_target(const std::vector<Object> &objects) {
    std::map<std::string, std::vector<Pipeline>> targets;
    for (const Object &object : objects)
        if (object.target.on(Device::cuda))
            targets[object.target.name].push_back({&object, {}});
    return targets;
}

}  // namespace

Result<std::string> gpu_report(const std::string &model_name, const std::vector<Object> &objects,
                               const Assembler &assembler, const std::vector<Measured> &measured, int jobs,
                               int &spilling) {
    std::string text =
        "# " + model_name + ": CUDA kernels\n\nPTX for capability 7.5, assembled by ptxas " + assembler.version +
        ". The hot loop is the one with the most FFMA. A pipeline's second kernel, (2), is for inputs "
        "whose pixels do not lie side by side. Without nvdisasm on PATH the columns on the hot loop stay "
        "empty.\n";
    SLIMSCALE_RETURN_IF_ERROR(disassemble(objects, assembler, jobs));
    spilling = 0;
    for (auto &[target, pipelines] : by_target(objects))
        SLIMSCALE_RETURN_IF_ERROR(write_target(pipelines, assembler, measured, text, spilling));
    return text;
}

}  // namespace slimscale::generators
