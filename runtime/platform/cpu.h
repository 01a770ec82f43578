// Which compiled targets this machine can run, by CPUID, XCR0 and HWCAP: every feature bit that the compiler's target
// implies is checked.
#pragma once

#include "contract/target.h"

namespace slimscale::runtime {

struct CpuFeatures {
    bool x86 = false, arm64 = false;
    bool sse41 = false, avx = false, f16c = false, fma = false, avx2 = false;
    bool avx512_skylake = false;  // F, CD, VL, BW, DQ
    bool avx512_zen4 = false;     // the extensions that Zen 4 and Sapphire Rapids have in addition
    bool amx = false;             // AMX's tiles, of bf16 and of bytes, with what Sapphire Rapids has besides
};

CpuFeatures detect_cpu();

// Whether this processor has every instruction that a target's pipelines may use; false for devices' targets.
bool can_run(const CpuFeatures &cpu, const contract::Target &target);
// Likewise by the target's name; false for unknown ones.
bool can_run(const CpuFeatures &cpu, const char *target);

// The processor's brand string; static storage, filled once.
const char *machine_name();

}  // namespace slimscale::runtime
