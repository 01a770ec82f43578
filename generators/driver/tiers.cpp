#include "generators/driver/tiers.h"

#include <algorithm>
#include <sstream>

namespace slimscale::generators {
namespace {

constexpr const char *kX86 = "x86-64-linux";
constexpr const char *kArm = "arm-64-linux";
constexpr const char *kAvx2 = "-sse41-avx-f16c-fma-avx2";
// Skylake-X and later: what Halide calls avx512_skylake, with every feature that it implies spelled out.
constexpr const char *kAvx512 = "-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake";

struct Group {
    const char *name;
    const char *tiers;
};
constexpr Group kGroups[] = {{"cpu", "avx2,baseline"}, {"arm", "neon"}};

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
    for (const Tier &tier : all_tiers())
        names += std::string(tier.name) + (&tier == &all_tiers().back() ? "" : ", ");
    return names;
}

}  // namespace

const std::vector<Tier> &all_tiers() {
    static const std::vector<Tier> tiers = {
        {"avx512", kX86, kAvx512, "fast"},
        {"avx2", kX86, kAvx2, "fast"},
        {"baseline", kX86, "", "fast"},
        {"neon", kArm, "", "fast"},
        {"naive", kX86, "", "naive"},  // the oracle of the others: everything at root
    };
    return tiers;
}

const Tier &cuda_tier() {
    static const Tier tier{"cuda", kX86, "-cuda-cuda_capability_75", "gpu"};
    return tier;
}

std::string halide_target(const Tier &tier) {
    return std::string(tier.platform) + tier.features + "-no_runtime-user_context";
}

std::vector<std::string> platforms() {
    return {kX86, kArm};
}

std::vector<Tier> parse_tiers(const std::string &names, std::string &error) {
    std::string list = names;
    for (const Group &group : kGroups)
        if (names == group.name)
            list = group.tiers;
    const std::vector<std::string> wanted = split(list);
    for (const std::string &name : wanted) {
        const auto same = [&](const Tier &tier) { return name == tier.name; };
        if (std::none_of(all_tiers().begin(), all_tiers().end(), same)) {
            error = "no target is called '" + name + "': use " + known_names();
            return {};
        }
    }
    std::vector<Tier> chosen;
    for (const Tier &tier : all_tiers())
        if (std::find(wanted.begin(), wanted.end(), tier.name) != wanted.end())
            chosen.push_back(tier);
    if (chosen.empty())
        error = "no target named: use " + known_names();
    for (const Tier &tier : chosen)
        if (std::string(tier.platform) != chosen[0].platform) {
            error = std::string(chosen[0].name) + " and " + tier.name +
                    " are different processors: one archive holds one kind";
            return {};
        }
    return chosen;
}

std::string function_name(const std::string &pipeline, const Tier &tier) {
    return "slimscale_" + pipeline + "_f32_" + tier.name;
}

}  // namespace slimscale::generators
