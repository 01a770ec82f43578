// slimscale_generate model: trained file -> pipelines (cached objects) + plan + blob -> one archive and its header.
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "generators/driver/archive.h"
#include "generators/driver/commands.h"
#include "generators/driver/compile.h"
#include "generators/driver/files.h"
#include "generators/driver/model_abi.h"
#include "generators/driver/model_plan.h"
#include "generators/driver/plan_writer.h"
#include "generators/driver/process.h"
#include "generators/driver/registration.h"
#include "generators/driver/source.h"

namespace slimscale::generators {
namespace {

struct Build {
    ModelPlan plan;
    std::vector<Tier> tiers;
    std::vector<uint8_t> blob;
    std::string out, cache;  // absolute

    std::string archive_path() const { return out + "/libslimscale_model_" + plan.name + ".a"; }
    std::string header_path() const { return out + "/slimscale_model_" + plan.name + ".h"; }
};

std::string absolute(const std::string &path) {
    std::error_code error;
    return std::filesystem::absolute(path, error).lexically_normal().string();
}

std::string plan_request(const ModelRequest &request, Build &build) {
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
        build.tiers = parse_tiers(request.targets, error);
    if (!error.empty())
        return error;
    build.plan = plan_model(name, source.network, channels);
    if (request.link_weights)
        build.blob = std::move(source.blob);
    return build.plan.error;
}

std::string compile_with_progress(const std::vector<Object> &objects, int jobs) {
    size_t finished = 0;
    const auto report = [&](const Object &object) {
        const std::string name = object.function.substr(sizeof "slimscale_" - 1);
        std::printf("[%2zu/%zu] %-36s %9s%s\n", ++finished, objects.size(), name.c_str(),
                    size_text(file_size(object.path)).c_str(), object.cached ? "  (cached)" : "");
        std::fflush(stdout);
    };
    return compile_objects(objects, job_count(jobs), report);
}

// For the archive's header and the last words: what takes how much room.
std::string contents_text(const Build &build, const std::vector<Object> &objects) {
    std::ostringstream text;
    for (const Tier &tier : build.tiers) {
        uint64_t bytes = 0;
        for (const Object &object : objects)
            bytes += object.tier.name == std::string(tier.name) ? file_size(object.path) : 0;
        char line[96];
        std::snprintf(line, sizeof line, "//     %-9s %zu pipelines, %s\n", tier.name, build.plan.pipelines.size(),
                      size_text(bytes).c_str());
        text << line;
    }
    const size_t bytes = build.blob.size();
    text << "//     weights   " << (bytes ? size_text(bytes) : "not linked: give them to slimscale_open") << "\n";
    return text.str();
}

// The blob is assembled, not compiled: a C array of 16 million numbers takes minutes.
std::string blob_assembly() {
    return std::string("    .section .rodata\n    .balign 64\n    .globl ") + kBlobSymbol + "\n" + kBlobSymbol +
           ":\n    .incbin \"blob\"\n    .section .note.GNU-stack,\"\",%progbits\n";
}

// Every path is relative to `folder`, so that no path of the machine gets into the objects.
std::string compile_tables(const Build &build, const Toolchain &tools, const std::string &folder) {
    const auto gcc = [&](const std::string &source, const std::string &object) {
        return tools.run("gcc", {"-std=c11", "-O2", "-fPIC", "-c", source, "-o", object}, folder);
    };
    std::string error = write_file(folder + "/model.h", kModelAbiHeader);
    if (error.empty())
        error = write_file(folder + "/plan.c", plan_source(build.plan, build.tiers, build.blob.size()));
    if (error.empty())
        error = gcc("plan.c", "plan.o");
    if (build.blob.empty() || !error.empty())
        return error;
    error = write_file(folder + "/blob", std::string(build.blob.begin(), build.blob.end()));
    if (error.empty())
        error = write_file(folder + "/weights.s", blob_assembly());
    return error.empty() ? gcc("weights.s", "weights.o") : error;
}

std::string write_model(const Build &build, const std::vector<Object> &objects) {
    const WorkFolder folder(build.cache);
    if (folder.path().empty())
        return build.cache + " cannot be written: check the folder's permissions";
    const Toolchain tools = toolchain_for(build.tiers[0].platform);
    std::string error = compile_tables(build, tools, folder.path());
    if (!error.empty())
        return error;
    const std::string symbol = "slimscale_model_" + build.plan.name;
    ArchiveRecipe recipe{{"plan.o"}, {symbol}, symbol + ".o"};
    if (!build.blob.empty())
        recipe.objects.push_back("weights.o");
    for (const Object &object : objects)
        recipe.objects.push_back(object.path);
    error = write_archive(recipe, tools, folder.path(), build.archive_path());
    if (!error.empty())
        return error;
    const std::string contents = contents_text(build, objects);
    return write_file(build.header_path(), archive_header(build.plan, build.tiers, contents));
}

}  // namespace

std::string generate_model(const ModelRequest &request) {
    Build build;
    build.out = absolute(request.out);
    build.cache = absolute(request.cache.empty() ? request.out + "/cache" : request.cache);
    std::string error = plan_request(request, build);
    if (error.empty())
        error = make_folder(build.out);
    if (error.empty())
        error = make_folder(build.cache);
    if (!error.empty())
        return error;

    const std::vector<Object> objects = plan_objects(build.plan.pipelines, build.tiers, build.cache);
    error = compile_with_progress(objects, request.jobs);
    if (error.empty())
        error = write_model(build, objects);
    if (error.empty() && !request.registration.empty())
        error = register_model(request.registration, build.plan.name, build.archive_path());
    if (error.empty())
        std::printf("%s: %s\n", build.archive_path().c_str(), size_text(file_size(build.archive_path())).c_str());
    return error;
}

std::string model_pipelines(const ModelRequest &request, std::string &name, std::vector<std::string> &pipelines) {
    Build build;
    const std::string error = plan_request(request, build);
    name = build.plan.name;
    pipelines = build.plan.pipelines;
    return error;
}

std::string list_pipelines(const ModelRequest &request) {
    std::string name;
    std::vector<std::string> pipelines;
    const std::string error = model_pipelines(request, name, pipelines);
    for (const std::string &pipeline : pipelines)
        std::printf("%s\n", pipeline.c_str());
    return error;
}

}  // namespace slimscale::generators
