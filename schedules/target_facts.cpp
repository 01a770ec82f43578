#include "schedules/target_facts.h"

#include <vector>

namespace slimscale::schedules {

using Halide::Target;

namespace {

bool has_blockings(const Isa &isa) {
    return isa.blockings == contract::Blockings::measured || isa.blockings == contract::Blockings::ruled;
}

}  // namespace

const Isa *find_isa(std::string_view name) {
    for (const Isa &isa : contract::kIsas)
        if (isa.name == name && has_blockings(isa))
            return &isa;
    return nullptr;
}

std::string isa_names() {
    std::vector<std::string> names;
    for (const Isa &isa : contract::kIsas)
        if (has_blockings(isa))
            names.emplace_back(isa.name);
    std::string text = names.front();
    for (size_t i = 1; i < names.size(); i++)
        text += (i + 1 < names.size() ? ", " : " or ") + names[i];
    return text;
}

const Isa &isa_of(const Target &target) {
    const int lanes = vector_lanes(target), registers = vector_registers(target);
    for (const Isa &isa : contract::kIsas)
        if (isa.lanes == lanes && isa.registers == registers)
            return isa;
    return *contract::facts_of(contract::Isa::baseline);
}

int vector_lanes(const Target &target) {
    return target.natural_vector_size<float>();
}

int vector_lanes(const Target &target, int channels) {
    int lanes = vector_lanes(target);
    while (channels % lanes != 0)
        lanes /= 2;
    return lanes;
}

bool has_amx(const Target &target) {
    return target.has_feature(Target::AVX512_SapphireRapids);
}

int vector_registers(const Target &target) {
    const bool wide = target.arch == Target::X86 && vector_lanes(target) == 16;
    return wide || target.arch == Target::ARM ? 32 : 16;
}

}  // namespace slimscale::schedules
