// A target as a value: device, instruction set and data type. Names of targets are printed and parsed only here.
#pragma once

#include "contract/text.h"

namespace slimscale::contract {

enum class Device : uint8_t { cpu, cuda, opencl, vulkan };

enum class Isa : uint8_t {
    none,  // devices
#define SLIMSCALE_ISA(name, lanes, registers, table) name,
#include "contract/targets.inc"
};

// The data type of activations and of the arithmetic between them. f16: devices store activations in f16 and compute in
// f32. q16: CPUs multiply 16-bit integers in convolutions between features; activations are f16. bf16: CPUs store
// activations in bf16 and multiply them, and filters in bf16, in 3x3 convolutions between features; sums and all other
// arithmetic are f32. int8: as bf16, but 3x3 convolutions between features multiply bytes, which inputs are rounded to.
enum class DataType : uint8_t { f32, f16, q16, bf16, int8 };

// What activations are in memory: f32, f16 or bf16.
constexpr DataType stored_type(DataType type) {
    return type == DataType::q16 ? DataType::f16 : type == DataType::int8 ? DataType::bf16 : type;
}

// Whether convolutions of such targets run in AMX tiles, which the kernel has to permit.
constexpr bool in_tiles(DataType type) {
    return type == DataType::bf16 || type == DataType::int8;
}

// The bytes of an activation.
constexpr int activation_bytes(DataType type) {
    return stored_type(type) == DataType::f32 ? 4 : 2;
}

// The kind of loop orders: plain loops, those for CPUs in schedules/, those in schedules/gpu/.
enum class Schedule : uint8_t { naive, fast, gpu };

// Where an ISA's blockings come from; contract/targets.inc explains the values.
enum class Blockings : uint8_t { measured, ruled, shared, oracle };

struct IsaFacts {
    Isa isa;
    std::string_view name;
    int lanes;      // f32 values in a vector register
    int registers;  // vector registers
    Blockings blockings;
};

constexpr IsaFacts kIsas[] = {
#define SLIMSCALE_ISA(name, lanes, registers, table) {Isa::name, #name, lanes, registers, Blockings::table},
#include "contract/targets.inc"
};

constexpr bool no_isa_has(char letter) {
    for (const IsaFacts &facts : kIsas)
        if (facts.name.find(letter) != std::string_view::npos)
            return false;
    return true;
}
static_assert(no_isa_has('_'), "parse_target ends the ISA at the first '_' of a target's name");

constexpr std::string_view kDeviceNames[] = {"cpu", "cuda", "opencl", "vulkan"};
constexpr std::string_view kTypeNames[] = {"f32", "f16", "q16", "bf16", "int8"};
constexpr std::string_view kScheduleNames[] = {"naive", "fast", "gpu"};

constexpr std::string_view name_of(Device device) {
    return kDeviceNames[static_cast<size_t>(device)];
}
constexpr std::string_view name_of(DataType type) {
    return kTypeNames[static_cast<size_t>(type)];
}
constexpr std::string_view name_of(Schedule schedule) {
    return kScheduleNames[static_cast<size_t>(schedule)];
}

// Returns null for Isa::none.
constexpr const IsaFacts *facts_of(Isa isa) {
    for (const IsaFacts &facts : kIsas)
        if (facts.isa == isa)
            return &facts;
    return nullptr;
}

struct Target {
    Device device = Device::cpu;
    Isa isa = Isa::none;  // of CPUs
    DataType type = DataType::f32;

    constexpr bool operator==(const Target &other) const {
        return device == other.device && isa == other.isa && type == other.type;
    }
    constexpr bool operator!=(const Target &other) const { return !(*this == other); }
    constexpr bool on_device() const { return device != Device::cpu; }
    // The same device and ISA with another data type.
    constexpr Target with(DataType other) const { return {device, isa, other}; }
};

using TargetName = Text<32>;

// The name of a target: "avx512", "avx512_q16", "cuda_f16". The data type is part of it unless it is f32.
// Precondition: a CPU target has an ISA.
inline TargetName name_of(const Target &target) {
    TargetName name;
    name.append(target.on_device() ? name_of(target.device) : facts_of(target.isa)->name);
    if (target.type != DataType::f32) {
        name.append("_");
        name.append(name_of(target.type));
    }
    return name;
}

// The inverse of name_of. Returns false and leaves `target` untouched if `text` names no target. Whether such a target
// is compiled is decided by contract/targets.inc.
inline bool parse_target(std::string_view text, Target &target) {
    Target parsed;
    const size_t underscore = text.find('_');
    std::string_view first = text, type;  // no substr: it may throw, and the runtime has no C++ library
    if (underscore != std::string_view::npos) {
        first.remove_suffix(text.size() - underscore);
        type = text;
        type.remove_prefix(underscore + 1);
    }
    for (const IsaFacts &facts : kIsas)
        if (facts.name == first)
            parsed.isa = facts.isa;
    for (const Device device : {Device::cuda, Device::opencl, Device::vulkan})
        if (name_of(device) == first)
            parsed.device = device;
    if (parsed.isa == Isa::none && !parsed.on_device())
        return false;
    if (underscore != std::string_view::npos) {
        for (const DataType named : {DataType::f16, DataType::q16, DataType::bf16, DataType::int8})
            if (name_of(named) == type)
                parsed.type = named;
        if (parsed.type == DataType::f32)
            return false;
    }
    target = parsed;
    return true;
}

}  // namespace slimscale::contract
