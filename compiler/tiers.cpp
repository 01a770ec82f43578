#include "compiler/tiers.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace {

constexpr const char *kX86 = "x86-64-linux";
constexpr const char *kArm = "arm-64-linux";
constexpr const char *kAndroid = "arm-64-android";
constexpr const char *kAvx2 = "-sse41-avx-f16c-fma-avx2";
// Skylake-X and later: what Halide calls avx512_skylake, with every feature that it implies spelled out.
constexpr const char *kAvx512 = "-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake";
// With VNNI, which Halide has as part of this alone.
constexpr const char *kAvx512Zen4 =
    "-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake-avx512_cannonlake-avx512_zen4";
// PTX for capability 7.5, the oldest that ptxas 13 assembles; it refuses PTX newer than the GPU that it assembles for.
constexpr const char *kCuda = "-cuda-cuda_capability_75";
constexpr const char *kVulkan = "-vulkan-vk_int8-vk_int16";                       // images of 8 and 16 bits
constexpr const char *kVulkanF16 = "-vulkan-vk_int8-vk_int16-vk_float16-vk_v13";  // 16-bit storage came with 1.1

struct Group {
    const char *name;
    const char *tiers;
};
constexpr Group kGroups[] = {
    {"cpu", "avx512_q16,avx512,avx2_q16,avx2,baseline"}, {"arm", "neon"}, {"jetson", "cuda,neon"}, {"android", "neon,opencl,vulkan"}};

// An Arm platform has one CPU tier.
std::vector<std::string> usual_cpu_tiers(const std::string &platform) {
    return platform == kX86 ? std::vector<std::string>{"avx2", "baseline"} : std::vector<std::string>{"neon"};
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
            names += std::string(tier.name) + (&tier == &all_tiers().back() ? "" : ", ");
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
    static const std::vector<Tier> tiers = {
        {"cuda", kX86, kCuda, "gpu", Device::cuda, "f32"},
        {"cuda", kArm, kCuda, "gpu", Device::cuda, "f32"},  // Jetson
        {"cuda_f16", kX86, kCuda, "gpu", Device::cuda, "f16"},
        {"cuda_f16", kArm, kCuda, "gpu", Device::cuda, "f16"},
        {"avx512_q16", kX86, kAvx512Zen4, "fast", Device::cpu, "q16"},
        {"avx512", kX86, kAvx512, "fast", Device::cpu, "f32"},
        {"avx2_q16", kX86, kAvx2, "fast", Device::cpu, "q16"},
        {"avx2", kX86, kAvx2, "fast", Device::cpu, "f32"},
        {"baseline", kX86, "", "fast", Device::cpu, "f32"},
        {"neon", kArm, "", "fast", Device::cpu, "f32"},
        {"neon", kAndroid, "", "fast", Device::cpu, "f32"},
        // Behind the processor: an OpenCL or Vulkan device may be one, or a small GPU.
        {"opencl", kX86, "-opencl", "gpu", Device::opencl, "f32"},
        {"opencl", kAndroid, "-opencl", "gpu", Device::opencl, "f32"},
        {"vulkan", kX86, kVulkan, "gpu", Device::vulkan, "f32"},
        {"vulkan", kAndroid, kVulkan, "gpu", Device::vulkan, "f32"},
        {"vulkan_f16", kX86, kVulkanF16, "gpu", Device::vulkan, "f16"},
        {"vulkan_f16", kAndroid, kVulkanF16, "gpu", Device::vulkan, "f16"},
        {"naive", kX86, "", "naive", Device::cpu, "f32"},  // the oracle of the others: everything at root
    };
    return tiers;
}

std::string halide_target(const Tier &tier) {
    return std::string(tier.platform) + tier.features + "-no_runtime-user_context";
}

std::vector<std::string> platforms() {
    return {kX86, kArm, kAndroid};
}

bool is_q16(const Tier &tier) {
    return tier.precision == std::string("q16");
}

std::vector<Tier> parse_tiers(const std::string &names, bool calibrated, std::string &error) {
    std::string list = names;
    for (const Group &group : kGroups)
        if (names == group.name)
            list = group.tiers;
    std::vector<std::string> wanted = split(list);
    if (list != names && !calibrated)
        wanted.erase(std::remove_if(wanted.begin(), wanted.end(), [](const std::string &name) { return is_q16(tier_of(name)); }),
                     wanted.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    for (const std::string &name : wanted)
        if (!is_known(name)) {
            error = "no target is called '" + name + "': use " + known_names();
            return {};
        }
    if (wanted.empty()) {
        error = "no target named: use " + known_names();
        return {};
    }
    for (const std::string &platform : platforms())
        if (const std::vector<Tier> chosen = select(platform, wanted); chosen.size() == wanted.size())
            return chosen;
    error = "'" + names + "' are targets of different processors: one archive holds one kind";
    return {};
}

std::vector<Tier> with_cpu_tiers(const std::vector<Tier> &tiers) {
    std::vector<std::string> names;
    for (const Tier &tier : tiers) {
        if (tier.device == Device::cpu)
            return tiers;
        names.push_back(tier.name);
    }
    if (tiers.empty())
        return {};
    for (const std::string &name : usual_cpu_tiers(tiers[0].platform))
        names.push_back(name);
    return select(tiers[0].platform, names);
}

const Tier &pipeline_tier(const std::string &pipeline, const Tier &tier) {
    const std::string suffix = "_q16", name = tier.name;
    if (!is_q16(tier) || blocks::has_q16(pipeline))
        return tier;
    for (const Tier &other : all_tiers())
        if (other.name + suffix == name && other.platform == std::string(tier.platform))
            return other;
    return tier;
}

std::string function_name(const std::string &pipeline, const Tier &tier) {
    const Tier &compiled = pipeline_tier(pipeline, tier);
    return "slimscale_" + pipeline + "_" + compiled.precision + "_" + compiled.name;
}

}  // namespace slimscale::generators
