#include "compiler/tiers.h"

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
    const char *tiers;
};
// "cpu" stands for all of x86's but the oracle.
constexpr Group kGroups[] = {{"cpu", ""}, {"arm", "neon"}, {"jetson", "cuda,neon"}, {"android", "neon,opencl,vulkan"}};

bool is_usual_cpu(const Tier &tier) {
    return tier.on(Device::cpu) && tier.platform == kPlatforms[x86] && tier.schedule != Schedule::naive;
}

std::string tiers_of(const Group &group) {
    std::string names = group.tiers;
    for (const Tier &tier : all_tiers())
        if (names.empty() || names.back() == ',')
            names += is_usual_cpu(tier) ? tier.name + "," : "";
    return names;
}

// An Arm platform has one CPU tier.
std::vector<std::string> usual_cpu_tiers(const std::string &platform) {
    return platform == kPlatforms[x86] ? std::vector<std::string>{"avx2", "baseline"}
                                       : std::vector<std::string>{"neon"};
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
    for (const Tier &tier : all_tiers())
        if (seen.insert(tier.name).second)
            names += tier.name + (&tier == &all_tiers().back() ? "" : ", ");
    return names;
}

// Of any platform; what a name says beyond it is the same on all.
const Tier &tier_of(const std::string &name) {
    return *std::find_if(all_tiers().begin(), all_tiers().end(), [&](const Tier &tier) { return name == tier.name; });
}

bool is_known(const std::string &name) {
    return std::any_of(all_tiers().begin(), all_tiers().end(), [&](const Tier &tier) { return name == tier.name; });
}

std::vector<Tier> select(const std::string &platform, const std::vector<std::string> &names) {
    std::vector<Tier> chosen;
    for (const Tier &tier : all_tiers())
        if (platform == tier.platform && std::find(names.begin(), names.end(), tier.name) != names.end())
            chosen.push_back(tier);
    return chosen;
}

}  // namespace

const std::vector<Tier> &all_tiers() {
    using contract::Isa;
    static const std::vector<Tier> tiers = [] {
        std::vector<Tier> all = {
#define SLIMSCALE_TARGET(device, isa, type, platform, schedule, features) \
    {{Device::device, Isa::isa, DataType::type}, "", kPlatforms[platform], features, Schedule::schedule},
#include "contract/targets.inc"
        };
        for (Tier &tier : all)
            tier.name = name_of(tier.target).str();
        return all;
    }();
    return tiers;
}

std::string halide_target(const Tier &tier) {
    return std::string(tier.platform) + tier.features + "-no_runtime-user_context";
}

std::vector<std::string> platforms() {
    return {std::begin(kPlatforms), std::end(kPlatforms)};
}

bool is_q16(const Tier &tier) {
    return tier.target.type == DataType::q16;
}

Result<std::vector<Tier>> parse_tiers(const std::string &names, bool calibrated) {
    std::string list = names;
    for (const Group &group : kGroups)
        if (names == group.name)
            list = tiers_of(group);
    std::vector<std::string> wanted = split(list);
    if (list != names && !calibrated)
        wanted.erase(
            std::remove_if(wanted.begin(), wanted.end(), [](const std::string &name) { return is_q16(tier_of(name)); }),
            wanted.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    for (const std::string &name : wanted)
        if (!is_known(name))
            return Error{"no target is called '" + name + "': use " + known_names()};
    if (wanted.empty())
        return Error{"no target named: use " + known_names()};
    for (const std::string &platform : platforms())
        if (const std::vector<Tier> chosen = select(platform, wanted); chosen.size() == wanted.size())
            return chosen;
    return Error{"'" + names + "' are targets of different processors: one archive holds one kind"};
}

std::vector<Tier> with_cpu_tiers(const std::vector<Tier> &tiers) {
    std::vector<std::string> names;
    for (const Tier &tier : tiers) {
        if (tier.on(Device::cpu))
            return tiers;
        names.push_back(tier.name);
    }
    if (tiers.empty())
        return {};
    for (const std::string &name : usual_cpu_tiers(tiers[0].platform))
        names.push_back(name);
    return select(tiers[0].platform, names);
}

const Tier &pipeline_tier(const contract::Pipeline &pipeline, const Tier &tier) {
    if (!is_q16(tier) || contract::has_q16(pipeline.block))
        return tier;
    for (const Tier &other : all_tiers())
        if (other.target == tier.target.with(DataType::f32) && other.platform == tier.platform)
            return other;
    return tier;
}

std::string function_name(const contract::Pipeline &pipeline, const Tier &tier) {
    return name_of(contract::PipelineKey{pipeline, pipeline_tier(pipeline, tier).target}).str();
}

}  // namespace slimscale::generators
