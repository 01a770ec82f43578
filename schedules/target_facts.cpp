#include "schedules/target_facts.h"

namespace slimscale::schedules {

using Halide::Target;

namespace {

constexpr Isa kIsas[] = {{"avx512", 16, 32}, {"avx2", 8, 16}, {"baseline", 4, 16}, {"neon", 4, 32}};

}  // namespace

const Isa *find_isa(const std::string &name) {
    for (const Isa &isa : kIsas) {
        if (isa.name == name) {
            return &isa;
        }
    }
    return nullptr;
}

const Isa &isa_of(const Target &target) {
    const int lanes = vector_lanes(target), registers = vector_registers(target);
    for (const Isa &isa : kIsas) {
        if (isa.lanes == lanes && isa.registers == registers) {
            return isa;
        }
    }
    return *find_isa("baseline");
}

int vector_lanes(const Target &target) {
    return target.natural_vector_size<float>();
}

int vector_lanes(const Target &target, int channels) {
    int lanes = vector_lanes(target);
    while (channels % lanes != 0) {
        lanes /= 2;
    }
    return lanes;
}

int vector_registers(const Target &target) {
    const bool avx512 = target.arch == Target::X86 && vector_lanes(target) == 16;
    return avx512 || target.arch == Target::ARM ? 32 : 16;
}

}  // namespace slimscale::schedules
