// slimscale_generate runtime, inspect and merge: small front ends of compile.h and archive.h.
#include <filesystem>

#include "compiler/archive.h"
#include "compiler/commands.h"
#include "compiler/compile.h"
#include "compiler/files.h"
#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace fs = std::filesystem;

std::string load_schedules(const std::string &path, schedules::Table &table) {
    table = schedules::builtin_table();
    return path.empty() ? "" : schedules::read_table(path, table);
}

std::string generate_runtime(const std::string &platform, const std::string &object) {
    return compile_runtime(platform, object);
}

std::string inspect_pipeline(const std::string &name, const std::string &target, const std::string &schedules,
                             const std::string &out) {
    schedules::Table table;
    std::string error = load_schedules(schedules, table);
    std::vector<Tier> tiers;
    if (error.empty())
        tiers = parse_tiers(target, true, error);
    if (error.empty())
        error = make_folder(out);
    contract::Pipeline pipeline;
    if (error.empty() && !parse_pipeline(name, pipeline))
        error = blocks::no_such_pipeline(name);
    for (const Tier &tier : tiers) {
        const std::string stem = out + "/" + function_name(pipeline, tier);
        if (error.empty())
            error = compile_pipeline(
                pipeline, tier, blocks::blocking(pipeline, tier.schedule, Halide::Target(halide_target(tier)), table),
                {stem + ".o", stem + ".s", stem + ".stmt", ""});
    }
    return error;
}

std::string merge_objects(const std::vector<std::string> &objects, const std::vector<std::string> &keep,
                          const std::string &platform, const std::string &archive) {
    ArchiveRecipe recipe{{}, keep, fs::path(archive).stem().string() + ".o"};
    for (const std::string &object : objects)
        recipe.objects.push_back(fs::absolute(object).string());
    const std::string target = fs::absolute(archive).string();
    const WorkFolder folder(fs::path(target).parent_path().string());
    if (folder.path().empty())
        return target + " cannot be written: its folder does not exist or is read-only";
    return write_archive(recipe, toolchain_for(platform), folder.path(), target);
}

}  // namespace slimscale::generators
