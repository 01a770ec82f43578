#include "runtime/platform/cpu.h"

#include <pthread.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "runtime/platform/amx.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace slimscale::runtime {

namespace {

#if defined(__x86_64__)

bool bit(unsigned word, int index) {
    return (word >> index) & 1;
}

// The registers that the operating system saves at a context switch; those of AVX and AVX-512 are usable only if it
// does.
uint64_t saved_state() {
    uint32_t low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return static_cast<uint64_t>(high) << 32 | low;
}

CpuFeatures detect_x86() {
    CpuFeatures f;
    f.x86 = true;
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return f;
    f.sse41 = bit(c, 19);
    const bool osxsave = bit(c, 27);
    const uint64_t state = osxsave ? saved_state() : 0;
    const bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6;
    f.avx = bit(c, 28) && ymm;
    f.f16c = bit(c, 29) && ymm;
    f.fma = bit(c, 12) && ymm;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return f;
    f.avx2 = bit(b, 5) && ymm;
    f.avx512_skylake = zmm && bit(b, 16) && bit(b, 17) && bit(b, 28) && bit(b, 30) && bit(b, 31);
    const bool vbmi = bit(c, 1) && bit(c, 6), galois = bit(c, 8) && bit(c, 9) && bit(c, 10);
    const bool vnni = bit(c, 11) && bit(c, 12) && bit(c, 14), ifma = bit(b, 21);  // with BITALG and VPOPCNTDQ
    const bool bf16 = __get_cpuid_count(7, 1, &a, &b, &c, &d) && bit(a, 5);
    f.avx512_zen4 = f.avx512_skylake && vbmi && galois && vnni && ifma && bf16;
    f.amx = f.avx512_zen4 && slimscale_amx_of_processor() != 0;
    return f;
}

#endif

char name_text[64] = "unknown";
pthread_once_t name_once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)

void read_name() {
    unsigned words[12] = {};
    if (__get_cpuid_max(0x80000000u, nullptr) < 0x80000004u)
        return;
    for (unsigned i = 0; i < 3; i++)
        __get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
    char brand[49] = "";
    std::memcpy(brand, words, 48);
    const char *begin = brand;
    while (*begin == ' ')
        begin++;
    if (*begin)
        std::snprintf(name_text, sizeof name_text, "%s", begin);
    for (char *end = name_text + std::strlen(name_text); end > name_text && end[-1] == ' ';)
        *--end = '\0';
}

#else

void read_name() {
    FILE *file = std::fopen("/proc/device-tree/model", "r");
    if (!file)
        return;
    char line[64] = "";
    if (std::fgets(line, sizeof line, file) && line[0])
        std::memcpy(name_text, line, sizeof line);
    std::fclose(file);
}

#endif

// Whether contract/targets.inc has this target: a name may be put together that no row has, such as "baseline_q16".
bool is_a_row(const contract::Target &target) {
    static constexpr contract::Target kRows[] = {
#define SLIMSCALE_TARGET(device, isa, type, platform, schedule, brought_by, features) \
    {contract::Device::device, contract::Isa::isa, contract::DataType::type},
#include "contract/targets.inc"
    };
    for (const contract::Target &row : kRows)
        if (row == target)
            return true;
    return false;
}

}  // namespace

CpuFeatures detect_cpu() {
#if defined(__x86_64__)
    return detect_x86();
#elif defined(__aarch64__)
    CpuFeatures f;
    f.arm64 = (getauxval(AT_HWCAP) & (1u << 1)) != 0;  // bit HWCAP_ASIMD
    return f;
#else
    return {};
#endif
}

// An ISA without a case would compile, and run nowhere.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"

bool can_run(const CpuFeatures &cpu, const contract::Target &target) {
    using contract::Isa;
    const bool avx2 = cpu.sse41 && cpu.avx && cpu.f16c && cpu.fma && cpu.avx2;
    const bool q16 = target.type == contract::DataType::q16;
    const bool avx512 = avx2 && cpu.avx512_skylake;
    if (!is_a_row(target))
        return false;
    switch (target.isa) {
    case Isa::naive:
        return cpu.x86 || cpu.arm64;  // built for the archive's own bare triple
    case Isa::baseline:
        return cpu.x86;
    case Isa::avx2:
        return avx2;
    case Isa::avx512:
        return avx512 && (!q16 || cpu.avx512_zen4);
    case Isa::amx:
        return avx512 && cpu.avx512_zen4 && cpu.amx;
    case Isa::neon:
        return cpu.arm64;
    case Isa::none:
        break;
    }
    return false;
}

#pragma GCC diagnostic pop

bool can_run(const CpuFeatures &cpu, const char *target) {
    contract::Target parsed;
    return contract::parse_target(target, parsed) && can_run(cpu, parsed);
}

const char *machine_name() {
    pthread_once(&name_once, read_name);
    return name_text;
}

}  // namespace slimscale::runtime
