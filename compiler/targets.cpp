#include "compiler/targets.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "contract/arguments.h"

namespace slimscale::generators {
namespace {

constexpr const char *kPlatforms[] = {"x86-64-linux", "arm-64-linux", "arm-64-android"};
enum Platform { x86, arm, android };

struct Group {
    const char *name;
    const char *targets;
};
// "cpu" stands for the targets of x86 whose rows say so.
constexpr Group kGroups[] = {{"cpu", ""}, {"arm", "neon"}, {"jetson", "cuda,neon"}, {"android", "neon,opencl,vulkan"}};

bool is_usual_cpu(const Target &target) {
    return target.platform == kPlatforms[x86] && target.brought_by != BroughtBy::name;
}

std::string targets_of(const Group &group) {
    std::string names = group.targets;
    for (const Target &target : all_targets())
        if (names.empty() || names.back() == ',')
            names += is_usual_cpu(target) ? target.name + "," : "";
    return names;
}

std::vector<std::string> split(const std::string &text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');)
        parts.push_back(part);
    return parts;
}

std::string known_names() {
    std::string names;
    for (const Group &group : kGroups)
        names += std::string(group.name) + ", ";
    std::set<std::string> seen;
    for (const Target &target : all_targets())
        if (seen.insert(target.name).second)
            names += target.name + (&target == &all_targets().back() ? "" : ", ");
    return names;
}

// The target of this name on any platform: apart from the platform they are alike. Precondition: is_known(name).
const Target &target_of(const std::string &name) {
    return *std::find_if(all_targets().begin(), all_targets().end(),
                         [&](const Target &target) { return name == target.name; });
}

bool is_known(const std::string &name) {
    return std::any_of(all_targets().begin(), all_targets().end(),
                       [&](const Target &target) { return name == target.name; });
}

std::vector<Target> select(const std::string &platform, const std::vector<std::string> &names) {
    std::vector<Target> chosen;
    for (const Target &target : all_targets())
        if (platform == target.platform && std::find(names.begin(), names.end(), target.name) != names.end())
            chosen.push_back(target);
    return chosen;
}

}  // namespace

const std::vector<Target> &all_targets() {
    using contract::Isa;
    static const std::vector<Target> targets = [] {
        std::vector<Target> all = {
#define SLIMSCALE_TARGET(device, isa, type, platform, schedule, brought_by, features) \
    {{Device::device, Isa::isa, DataType::type},                                      \
     "",                                                                              \
     kPlatforms[platform],                                                            \
     features,                                                                        \
     Schedule::schedule,                                                              \
     BroughtBy::brought_by},
#include "contract/targets.inc"
        };
        for (Target &target : all)
            target.name = name_of(target.id).str();
        return all;
    }();
    return targets;
}

std::string halide_target(const contract::Pipeline &pipeline, const Target &target) {
    std::string features = target.features;
    const contract::Block computed = contract::block_on(pipeline.block, !target.on(Device::cpu), target.id.type);
    if (target.id.isa == contract::Isa::amx && !contract::in_tiles(computed))
        features.erase(features.rfind('-'));
    return target.platform + features + "-no_runtime-user_context";
}

std::vector<std::string> platforms() {
    return {std::begin(kPlatforms), std::end(kPlatforms)};
}

bool is_q16(const Target &target) {
    return target.id.type == DataType::q16;
}

Result<std::vector<Target>> parse_targets(const std::string &names, bool calibrated) {
    std::string list = names;
    for (const Group &group : kGroups)
        if (names == group.name)
            list = targets_of(group);
    std::vector<std::string> wanted = split(list);
    if (list != names && !calibrated)
        wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                                    [](const std::string &name) { return is_q16(target_of(name)); }),
                     wanted.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    for (const std::string &name : wanted)
        if (!is_known(name))
            return Error{"no target is called '" + name + "': use " + known_names()};
    if (wanted.empty())
        return Error{"no target named: use " + known_names()};
    for (const std::string &platform : platforms())
        if (const std::vector<Target> chosen = select(platform, wanted); chosen.size() == wanted.size())
            return chosen;
    return Error{"'" + names + "' are targets of different processors: one archive holds one kind"};
}

std::vector<Target> with_cpu_targets(const std::vector<Target> &targets) {
    std::vector<std::string> names;
    for (const Target &target : targets) {
        if (target.on(Device::cpu))
            return targets;
        names.push_back(target.name);
    }
    if (targets.empty())
        return {};
    const std::string platform = targets[0].platform;
    for (const Target &target : all_targets())
        if (target.brought_by == BroughtBy::device && platform == target.platform)
            names.push_back(target.name);
    return select(platform, names);
}

const Target &pipeline_target(const contract::Pipeline &pipeline, const Target &target) {
    DataType shared = target.id.type;
    if (is_q16(target) && !contract::stores_activations(pipeline.block))
        shared = DataType::f32;
    if (target.id.type == DataType::int8 &&
        contract::block_on(pipeline.block, false, shared) != contract::Block::conv3x3_bytes)
        shared = DataType::bf16;
    for (const Target &other : all_targets())
        if (other.id == target.id.with(shared) && other.platform == target.platform)
            return other;
    return target;
}

std::string function_name(const contract::Pipeline &pipeline, const Target &target) {
    return name_of(contract::PipelineKey{pipeline, pipeline_target(pipeline, target).id}).str();
}

}  // namespace slimscale::generators
