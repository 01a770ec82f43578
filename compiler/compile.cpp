#include "compiler/compile.h"

#include <Halide.h>

#include <cstdio>

#include "base/files.h"
#include "base/hash.h"
#include "compiler/files.h"
#include "compiler/process.h"
#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace {

using Halide::OutputFileType;

std::map<OutputFileType, std::string> halide_outputs(const PipelineFiles &files) {
    std::map<OutputFileType, std::string> outputs;
    if (!files.object.empty())
        outputs[OutputFileType::object] = files.object;
    if (!files.assembly.empty())
        outputs[OutputFileType::assembly] = files.assembly;
    if (!files.statement.empty())
        outputs[OutputFileType::stmt] = files.statement;
    if (!files.device_code.empty())
        outputs[OutputFileType::device_code] = files.device_code;
    return outputs;
}

PipelineFiles with_suffix(const PipelineFiles &files, const std::string &suffix) {
    const auto named = [&](const std::string &path) { return path.empty() ? "" : path + suffix; };
    return {named(files.object), named(files.assembly), named(files.statement), named(files.device_code)};
}

// Halide and the generators report errors by throwing; this turns exceptions into errors.
template <class Work>
Status reported(Work work) {
    static blocks::StrictReporter reporter;
    Halide::set_custom_compile_time_error_reporter(&reporter);
    try {
        return work();
    } catch (const std::exception &exception) {
        return Error{exception.what()};
    }
}

// Removes the zero byte at the end of Halide's PTX, which assemblers would take for text.
Status trim_device_code(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(std::string code, base::read_text(path));
    while (!code.empty() && code.back() == '\0')
        code.pop_back();
    return base::write_file(path, code);
}

// The object is put in place last, so that where it exists, all files do.
Status compile_to_cache(const Object &object) {
    const std::string suffix = temporary_suffix();
    PipelineFiles files{object.path(), "", "", ""};
    if (object.target.on(Device::cuda)) {
        files.device_code = object.cuda.ptx();
        files.statement = object.cuda.statement();
    }
    Status status = compile_pipeline(object.pipeline, object.target, object.blocking, with_suffix(files, suffix));
    for (const std::string &path : {files.device_code, files.statement, files.object})
        if (status && !path.empty())
            status = move_file(path + suffix, path);
    for (const std::string &path : {files.device_code, files.statement, files.object})
        if (!status && !path.empty())
            std::remove((path + suffix).c_str());
    return status;
}

Status make_object(const Object &object, const Assembler &assembler) {
    if (!file_exists(object.path()))
        SLIMSCALE_RETURN_IF_ERROR(compile_to_cache(object), object.function + ": ");
    if (object.target.on(Device::cuda))
        SLIMSCALE_RETURN_IF_ERROR(assemble(object.cuda, assembler), object.function + ": ");
    return Status();
}

}  // namespace

Status compile_pipeline(const contract::Pipeline &pipeline, const Target &target, const std::string &blocking,
                        const PipelineFiles &files) {
    SLIMSCALE_ASSIGN_OR_RETURN(const blocks::Block block,
                               blocks::block(pipeline, target.schedule, target.id.type, blocking));
    return reported([&]() -> Status {
        const Halide::Target halide(halide_target(pipeline, target));
        const Halide::GeneratorContext context(halide);
        const auto generator = Halide::Internal::GeneratorRegistry::create(block.generator, context);
        if (!generator)
            return Error{"no generator is called '" + block.generator + "'"};
        for (const auto &[name, value] : block.params)
            generator->set_generatorparam_value(name, value);
        generator->build_module(function_name(pipeline, target)).compile(halide_outputs(files));
        return files.device_code.empty() ? Status() : trim_device_code(files.device_code);
    });
}

Status compile_runtime(const std::string &platform, const std::string &object) {
    // For the bare platform, since a runtime with more features would raise SIGILL on processors that lack them.
    return reported([&]() -> Status {
        Halide::compile_standalone_runtime(object, Halide::Target(platform));
        return Status();
    });
}

Object plan_object(const contract::Pipeline &pipeline, const Target &target, const std::string &blocking,
                   const std::string &cache, const Assembler &assembler) {
    static const std::string program = file_hash(path_of_this_program());
    const std::string folder = cache + "/" + program + "/" + target.platform + "/";
    const std::string function = function_name(pipeline, target);
    const std::string stem = folder + function + (blocking.empty() ? "" : "-" + base::hash_text(blocking));
    Object object{function, pipeline, pipeline_target(pipeline, target), blocking, {stem}, false};
    object.cached = file_exists(object.path()) && (!target.on(Device::cuda) || is_assembled(object.cuda, assembler));
    return object;
}

std::vector<Object> plan_objects(const std::vector<std::optional<contract::Pipeline>> &pipelines, const Target &target,
                                 const schedules::Table &table, const std::string &cache, const Assembler &assembler) {
    std::vector<Object> objects;
    for (const std::optional<contract::Pipeline> &pipeline : pipelines) {
        if (!pipeline)
            continue;
        const Halide::Target halide(halide_target(*pipeline, target));
        const std::string blocking = blocks::blocking(*pipeline, target.schedule, halide, table);
        objects.push_back(plan_object(*pipeline, target, blocking, cache, assembler));
    }
    return objects;
}

Status compile_objects(const std::vector<Object> &objects, const Assembler &assembler, int jobs,
                       const std::function<void(const Object &)> &done) {
    std::vector<const Object *> missing;
    for (const Object &object : objects)
        if (object.cached)
            done(object);
        else
            missing.push_back(&object);
    for (const Object *object : missing)
        SLIMSCALE_RETURN_IF_ERROR(make_folder(folder_of(object->path())));
    return run_forked(
        missing.size(), jobs, [&](size_t i) { return make_object(*missing[i], assembler); },
        [&](size_t i) { done(*missing[i]); });
}

}  // namespace slimscale::generators
