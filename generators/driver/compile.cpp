#include "generators/driver/compile.h"

#include <Halide.h>
#include <unistd.h>

#include <cstdio>

#include "generators/blocks/blocks.h"
#include "generators/driver/files.h"
#include "generators/driver/process.h"

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

// Halide reports by throwing; nothing is thrown past here.
template <class Work>
std::string reported(Work work) {
    static blocks::StrictReporter reporter;
    Halide::set_custom_compile_time_error_reporter(&reporter);
    try {
        return work();
    } catch (const std::exception &exception) {
        return exception.what();
    }
}

// Halide ends it with a zero byte, which assemblers take for text.
std::string trim_device_code(const std::string &path) {
    std::string code;
    std::string error = read_file(path, code);
    while (!code.empty() && code.back() == '\0')
        code.pop_back();
    return error.empty() ? write_file(path, code) : error;
}

std::string compile_to_cache(const Object &object) {
    const std::string temporary = object.path + "." + std::to_string(getpid());
    std::string error = compile_pipeline(object.pipeline, object.tier, {temporary, "", "", ""});
    if (error.empty() && std::rename(temporary.c_str(), object.path.c_str()) != 0)
        error = object.path + " cannot be written: check the cache folder";
    if (!error.empty())
        std::remove(temporary.c_str());
    return error.empty() ? "" : object.function + ": " + error;
}

}  // namespace

std::string compile_pipeline(const std::string &pipeline, const Tier &tier, const PipelineFiles &files) {
    const blocks::Block block = blocks::block(pipeline, tier.schedule);
    if (!block.error.empty())
        return block.error;
    return reported([&]() -> std::string {
        const Halide::Target target(halide_target(tier));
        const Halide::GeneratorContext context(target);
        const auto generator = Halide::Internal::GeneratorRegistry::create(block.generator, context);
        if (!generator)
            return "no generator is called '" + block.generator + "'";
        for (const auto &[name, value] : block.params)
            generator->set_generatorparam_value(name, value);
        generator->build_module(function_name(pipeline, tier)).compile(halide_outputs(files));
        return files.device_code.empty() ? "" : trim_device_code(files.device_code);
    });
}

std::string compile_runtime(const std::string &platform, const std::string &object) {
    // The bare platform: a runtime compiled for more would raise SIGILL on processors that have less.
    return reported([&]() -> std::string {
        Halide::compile_standalone_runtime(object, Halide::Target(platform));
        return "";
    });
}

std::vector<Object> plan_objects(const std::vector<std::string> &pipelines, const std::vector<Tier> &tiers,
                                 const std::string &cache) {
    const std::string folder = cache + "/" + file_hash(path_of_this_program());
    std::vector<Object> objects;
    for (const Tier &tier : tiers)
        for (const std::string &pipeline : pipelines) {
            Object object{function_name(pipeline, tier), pipeline, tier, "", false};
            object.path = folder + "/" + object.function + ".o";
            object.cached = file_size(object.path) > 0;
            objects.push_back(std::move(object));
        }
    return objects;
}

std::string compile_objects(const std::vector<Object> &objects, int jobs,
                            const std::function<void(const Object &)> &done) {
    std::vector<const Object *> missing;
    for (const Object &object : objects)
        if (object.cached)
            done(object);
        else
            missing.push_back(&object);
    if (missing.empty())
        return "";
    const std::string &path = missing[0]->path;
    const std::string error = make_folder(path.substr(0, path.rfind('/')));
    if (!error.empty())
        return error;
    return run_forked(
        missing.size(), jobs, [&](size_t i) { return compile_to_cache(*missing[i]); },
        [&](size_t i) { done(*missing[i]); });
}

}  // namespace slimscale::generators
