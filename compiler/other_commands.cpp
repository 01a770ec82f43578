// slimscale_generate runtime, inspect and merge, by compile.h and archive.h.
#include <filesystem>

#include "base/files.h"
#include "compiler/archive.h"
#include "compiler/commands.h"
#include "compiler/compile.h"
#include "compiler/files.h"
#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace fs = std::filesystem;

Status load_schedules(const std::string &path, schedules::Table &table) {
    if (path.empty()) {
        table = schedules::builtin_table();
        return Status();
    }
    SLIMSCALE_ASSIGN_OR_RETURN(table, schedules::read_table(path));
    return Status();
}

Status generate_runtime(const std::string &platform, const std::string &object) {
    return compile_runtime(platform, object);
}

Status inspect_pipeline(const std::string &name, const std::string &target_names, const std::string &schedules,
                        const std::string &out) {
    schedules::Table table;
    SLIMSCALE_RETURN_IF_ERROR(load_schedules(schedules, table));
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<Target> targets, parse_targets(target_names, true));
    SLIMSCALE_RETURN_IF_ERROR(make_folder(out));
    contract::Pipeline pipeline;
    if (!parse_pipeline(name, pipeline))
        return Error{blocks::no_such_pipeline(name)};
    for (const Target &target : targets) {
        const std::string stem = out + "/" + function_name(pipeline, target);
        SLIMSCALE_RETURN_IF_ERROR(compile_pipeline(
            pipeline, target,
            blocks::blocking(pipeline, target.schedule, Halide::Target(halide_target(pipeline, target)), table),
            {stem + ".o", stem + ".s", stem + ".stmt", ""}));
    }
    return Status();
}

Status merge_objects(const std::vector<std::string> &objects, const std::vector<std::string> &keep,
                     const std::string &platform, const std::string &archive) {
    ArchiveRecipe recipe{{}, keep, fs::path(archive).stem().string() + ".o"};
    for (const std::string &object : objects)
        recipe.objects.push_back(fs::absolute(object).string());
    const std::string target = fs::absolute(archive).string();
    SLIMSCALE_ASSIGN_OR_RETURN(const base::WorkFolder folder,
                               base::WorkFolder::make(fs::path(target).parent_path().string()));
    return write_archive(recipe, toolchain_for(platform), folder.path(), target);
}

}  // namespace slimscale::generators
