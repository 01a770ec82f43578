// What a schedule may know of a target: numbers, never names. A schedule asks for lanes or registers, so that a new
// target is a new row here and nothing elsewhere.
#pragma once

#include <string>

#include "Halide.h"
#include "contract/target.h"

namespace slimscale::schedules {

// What tables of measurements tell apart: the rows of contract/targets.inc but the oracle.
using Isa = contract::IsaFacts;
const Isa *find_isa(std::string_view name);  // nullptr if there is none
std::string isa_names();                     // "avx512, avx2, baseline or neon"
const Isa &isa_of(const Halide::Target &target);

// f32 values in one vector register: 4 (SSE2, NEON), 8 (AVX2), 16 (AVX-512).
int vector_lanes(const Halide::Target &target);

// The widest vector, at most the target's, that divides `channels` (a multiple of 8, or a small odd count: 1).
int vector_lanes(const Halide::Target &target, int channels);

// Architectural vector registers: 16 (x86-64, AVX2) or 32 (AVX-512, NEON).
int vector_registers(const Halide::Target &target);

}  // namespace slimscale::schedules
