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

int l2_bytes(const Target &target) {
    constexpr int kKiB = 1024;
    if (target.arch == Target::X86 && vector_lanes(target) == 16) {
        return 1024 * kKiB;  // Skylake-SP, Zen 4
    }
    if (target.arch == Target::X86 && vector_lanes(target) == 8) {
        return 512 * kKiB;  // Zen 1 to 3; Haswell's 256 is left behind
    }
    return 256 * kKiB;  // Cortex-A76 and smaller, old x86
}

}  // namespace slimscale::schedules
