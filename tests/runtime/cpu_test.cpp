#include "runtime/platform/cpu.h"

#include <string>

#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

CpuFeatures haswell() {
    CpuFeatures f;
    f.x86 = f.sse41 = f.avx = f.f16c = f.fma = f.avx2 = true;
    return f;
}

}  // namespace

TEST_CASE("a target needs every bit of CPUID that it implies") {
    CHECK(can_run(haswell(), "avx2"));
    CHECK(can_run(haswell(), "avx2_q16"));
    CHECK(can_run(haswell(), "baseline"));
    CHECK_FALSE(can_run(haswell(), "avx512"));
    CHECK_FALSE(can_run(haswell(), "neon"));
    CHECK_FALSE(can_run(haswell(), "avx3"));
    CHECK_FALSE(can_run(haswell(), "cuda"));
    for (const char *no_row : {"avx2_f16", "baseline_q16", "naive_q16"})
        CHECK_FALSE(can_run(haswell(), no_row));
    for (bool CpuFeatures::*bit :
         {&CpuFeatures::sse41, &CpuFeatures::avx, &CpuFeatures::f16c, &CpuFeatures::fma, &CpuFeatures::avx2}) {
        CpuFeatures f = haswell();
        f.*bit = false;
        CHECK_FALSE(can_run(f, "avx2"));
        CHECK_FALSE(can_run(f, "avx2_q16"));
        CHECK(can_run(f, "baseline"));
    }
    CpuFeatures skylake = haswell();
    skylake.avx512_skylake = true;
    CHECK(can_run(skylake, "avx512"));
    CHECK_FALSE(can_run(skylake, "avx512_q16"));
    skylake.avx512_zen4 = true;
    CHECK(can_run(skylake, "avx512_q16"));
    CHECK_FALSE(can_run(skylake, "amx_bf16"));
    CHECK_FALSE(can_run(skylake, "amx_int8"));
    CpuFeatures sapphire_rapids = skylake;
    sapphire_rapids.amx = true;
    CHECK(can_run(sapphire_rapids, "amx_bf16"));
    CHECK(can_run(sapphire_rapids, "amx_int8"));
    CHECK_FALSE(can_run(sapphire_rapids, "amx"));  // no row
    sapphire_rapids.avx512_zen4 = false;
    CHECK_FALSE(can_run(sapphire_rapids, "amx_bf16"));
    skylake.fma = false;
    CHECK_FALSE(can_run(skylake, "avx512"));
    CHECK_FALSE(can_run(skylake, "avx512_q16"));
}

TEST_CASE("the machine itself is read") {
    const CpuFeatures f = detect_cpu();
    CHECK(f.x86 != f.arm64);
    CHECK(std::string(machine_name()).size() > 0);
#if defined(__x86_64__)
    CHECK(f.avx2 == static_cast<bool>(__builtin_cpu_supports("avx2")));
    CHECK(f.fma == static_cast<bool>(__builtin_cpu_supports("fma")));
    CHECK(f.avx512_skylake == (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                               __builtin_cpu_supports("avx512cd")));
    CHECK(f.avx512_zen4 ==
          (f.avx512_skylake && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg") &&
           __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("gfni")));
#endif
}
