// What a schedule may know of a target: numbers, never names. A schedule asks for lanes or registers, so that a new ISA is a
// new row of contract/targets.inc and changes no schedule.
#pragma once

#include <string>

#include "Halide.h"
#include "contract/target.h"

namespace slimscale::schedules {

// The ISAs that tables of measurements tell apart: those of contract/targets.inc except the oracle and those that share
// another's blockings.
using Isa = contract::IsaFacts;
const Isa *find_isa(std::string_view name);       // nullptr if there is none
std::string isa_names();                          // "avx512, avx2, baseline or neon"
const Isa &isa_of(const Halide::Target &target);  // by lanes and registers; baseline if none has these

// f32 values in one vector register: 4 (SSE2, NEON), 8 (AVX2), 16 (AVX-512).
int vector_lanes(const Halide::Target &target);

// The widest vector, at most the target's, that divides `channels` (a multiple of 8, or a small odd count: 1).
int vector_lanes(const Halide::Target &target, int channels);

// Whether pipelines compute in AMX tiles.
bool has_amx(const Halide::Target &target);

// Architectural vector registers: 16 (x86-64, AVX2) or 32 (AVX-512, NEON).
int vector_registers(const Halide::Target &target);

}  // namespace slimscale::schedules
