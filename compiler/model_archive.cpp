#include "compiler/model_archive.h"

#include <cstdio>
#include <sstream>

#include "base/files.h"
#include "base/table.h"
#include "base/text.h"
#include "compiler/archive.h"
#include "compiler/code_size.h"
#include "compiler/files.h"
#include "compiler/model_abi.h"
#include "compiler/plan_writer.h"
#include "contract/blob_view.h"

namespace slimscale::generators {
namespace {

std::string code_text(const ModelBuild &build, const Target &target) {
    if (!target.on(Device::cuda))
        return "";
    std::string text = "; PTX";
    for (const int arch : build.assembler.archs)
        text += " sm_" + std::to_string(arch);
    return text;
}

struct Part {
    const Target *target;
    size_t pipelines = 0;
    uint64_t bytes = 0;
};

// What each target brings of its own. Those in q16 may call pipelines of f32 beside theirs.
std::vector<Part> parts_of(const ModelBuild &build) {
    std::vector<Part> parts;
    for (const Target &target : build.targets) {
        Part part{&target};
        for (const Object &object : build.objects)
            if (object.target.id == target.id)
                part.pipelines++, part.bytes += archived_bytes(object, build.assembler);
        parts.push_back(part);
    }
    return parts;
}

// What the archive contains and how many bytes it takes, as comment lines of its header.
std::string contents_text(const ModelBuild &build) {
    std::ostringstream text;
    for (const Part &part : parts_of(build)) {
        char line[96];
        std::snprintf(line, sizeof line, "//     %-10s %zu pipelines, %s", part.target->name.c_str(), part.pipelines,
                      base::file_size_text(part.bytes).c_str());
        text << line << code_text(build, *part.target) << "\n";
    }
    const size_t bytes = build.blob.size();
    text << "//     code       " << base::file_size_text(code_bytes(build)) << " of all targets\n";
    text << "//     weights    " << (bytes ? base::file_size_text(bytes) : "not linked: give them to slimscale_open")
         << "\n";
    if (bytes)
        text << "//                " << calibration_text(build) << "\n";
    return text.str();
}

// The blob is assembled, since compiling a C array of 16 million numbers takes minutes.
std::string blob_assembly() {
    return std::string("    .section .rodata\n    .balign 64\n    .globl ") + kBlobSymbol + "\n" + kBlobSymbol +
           ":\n    .incbin \"blob\"\n    .section .note.GNU-stack,\"\",%progbits\n";
}

// Runs gcc in one folder; every path is relative to it, so that no path of the machine gets into the objects.
struct ScratchBuild {
    const ModelBuild &build;
    const Toolchain &tools;
    const std::string &folder;

    // Writes <name><suffix> and compiles it to <name>.o.
    Status compile(const std::string &name, const std::string &suffix, const std::string &text,
                   std::vector<std::string> &objects) const {
        const std::string source = name + suffix, object = name + ".o";
        SLIMSCALE_RETURN_IF_ERROR(base::write_file(folder + "/" + source, text));
        objects.push_back(object);
        return tools.run("gcc", {"-std=c11", "-O2", "-fPIC", "-c", source, "-o", object}, folder);
    }
};

Status compile_plan(const ScratchBuild &scratch, std::vector<std::string> &objects) {
    const ModelBuild &build = scratch.build;
    SLIMSCALE_RETURN_IF_ERROR(base::write_file(scratch.folder + "/model.h", std::string_view(kModelAbiHeader)));
    return scratch.compile(
        "plan", ".c", plan_source(build.plan, build.targets, build.schedules, build.assembler.archs, build.blob.size()),
        objects);
}

Status assemble_weights(const ScratchBuild &scratch, std::vector<std::string> &objects) {
    const std::vector<uint8_t> &blob = scratch.build.blob;
    if (blob.empty())
        return Status();
    SLIMSCALE_RETURN_IF_ERROR(base::write_file(scratch.folder + "/blob", blob));
    return scratch.compile("weights", ".s", blob_assembly(), objects);
}

// Assembles a CUDA target's PTX and cubins, which are read through a link to their folder in the cache.
Status assemble_code(const ScratchBuild &scratch, const Target &target, std::vector<std::string> &objects) {
    std::vector<CudaFiles> files;
    std::string cache;
    for (const auto &pipeline : scratch.build.plan.pipelines_of(target))
        files.push_back({pipeline ? target.name + "/" + function_name(*pipeline, target) : ""});
    for (const Object &object : scratch.build.objects)
        if (object.target.id == target.id)
            cache = folder_of(object.path());
    SLIMSCALE_RETURN_IF_ERROR(link_folder(cache, scratch.folder + "/" + target.name));
    return scratch.compile(code_symbol(target), ".s",
                           code_assembly(code_symbol(target), files, scratch.build.assembler), objects);
}

}  // namespace

uint64_t archived_bytes(const Object &object, const Assembler &assembler) {
    uint64_t bytes = loaded_bytes(object.path());
    if (!object.target.on(Device::cuda))
        return bytes;
    for (const int arch : assembler.archs)
        bytes += file_size(object.cuda.cubin(assembler, arch));
    return bytes + file_size(object.cuda.ptx());
}

uint64_t code_bytes(const ModelBuild &build) {
    uint64_t bytes = 0;
    for (const Object &object : build.objects)
        bytes += archived_bytes(object, build.assembler);
    return bytes;
}

std::string code_size_table(const ModelBuild &build) {
    base::Table table;
    table.columns = {{"target"}, {"pipelines", true, 0}, {"KB of code", true, 1}};
    for (const Part &part : parts_of(build))
        table.rows.push_back({part.target->name, double(part.pipelines), double(part.bytes) / 1e3});
    table.rows.push_back({"all", double(build.objects.size()), double(code_bytes(build)) / 1e3});
    return base::to_markdown(table);
}

std::string calibration_text(const ModelBuild &build) {
    BlobView view;
    if (build.blob.empty() || open_blob(build.blob.data(), build.blob.size(), &view) != nullptr)
        return "";
    std::string widths;
    for (uint32_t i = 0; i < view.header->q16_count; i++)
        widths += (i != 0 ? ", " : "") + std::to_string(view.q16_widths[i]);
    return (widths.empty() ? "uncalibrated for q16" : "calibrated for q16 at " + widths + " channels") +
           std::string(view.header->int8_count > 0 ? " and for int8" : "");
}

Status write_model(const ModelBuild &build) {
    SLIMSCALE_ASSIGN_OR_RETURN(const base::WorkFolder folder, base::WorkFolder::make(build.cache));
    const Toolchain tools = toolchain_for(build.targets[0].platform);
    const ScratchBuild scratch{build, tools, folder.path()};
    const std::string symbol = "slimscale_model_" + build.plan.name;
    ArchiveRecipe recipe{{}, {symbol}, symbol + ".o"};
    SLIMSCALE_RETURN_IF_ERROR(compile_plan(scratch, recipe.objects));
    SLIMSCALE_RETURN_IF_ERROR(assemble_weights(scratch, recipe.objects));
    for (const Target &target : build.targets)
        if (target.on(Device::cuda))
            SLIMSCALE_RETURN_IF_ERROR(assemble_code(scratch, target, recipe.objects));
    for (const Object &object : build.objects)
        recipe.objects.push_back(object.path());
    SLIMSCALE_RETURN_IF_ERROR(write_archive(recipe, tools, folder.path(), build.archive_path()));
    return base::write_file(build.header_path(), archive_header(build.plan, build.targets, contents_text(build)));
}

}  // namespace slimscale::generators
