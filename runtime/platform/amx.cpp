#include "runtime/platform/amx.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

extern "C" {

#if defined(__x86_64__)

__attribute__((weak)) int slimscale_amx_of_processor() {
    constexpr unsigned kSavesState = 1u << 27, kTileState = 3u << 17;  // CPUID.1:ECX; XCR0's TILECFG and TILEDATA
    constexpr unsigned kAmxBf16 = 1u << 22, kFp16 = 1u << 23, kAmxTile = 1u << 24,
                       kAmxInt8 = 1u << 25;                                                   // CPUID.7.0:EDX
    constexpr unsigned kWanted = kAmxBf16 | kFp16 | kAmxTile | kAmxInt8, kAvxVnni = 1u << 4;  // CPUID.7.1:EAX
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & kSavesState))
        return 0;
    uint32_t low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & kTileState) != kTileState || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & kWanted) != kWanted)
        return 0;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & kAvxVnni) ? 1 : 0;
}

__attribute__((weak)) int slimscale_amx_of_kernel() {
    constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0 ? 0 : errno;
}

#else

__attribute__((weak)) int slimscale_amx_of_processor() {
    return 0;
}

__attribute__((weak)) int slimscale_amx_of_kernel() {
    return ENOSYS;
}

#endif
}

namespace slimscale::runtime {

namespace {

bool refused = false;  // read and written atomically

const char *reason(int number) {
    switch (number) {
    case ENOSPC:
        return "the kernel refuses AMX, since a thread of this process has an alternate signal stack (sigaltstack) "
               "that is too small for it; give it AT_MINSIGSTKSZ bytes more, or set leave_amx";
    case EPERM:
    case EACCES:
        return "a filter of system calls (seccomp) keeps the kernel from permitting AMX (arch_prctl)";
    case ENOSYS:
    case EINVAL:
    case EOPNOTSUPP:
        return "this kernel permits no AMX: Linux 5.16 does";
    default:
        return "the kernel refuses AMX (arch_prctl)";
    }
}

}  // namespace

slimscale_status permit_amx(Error &error) {
    const int number = slimscale_amx_of_kernel();
    __atomic_store_n(&refused, number != 0, __ATOMIC_RELEASE);
    return number == 0 ? SLIMSCALE_OK : error.set(SLIMSCALE_UNSUPPORTED_TARGET, "%s", reason(number));
}

bool amx_refused() {
    return __atomic_load_n(&refused, __ATOMIC_ACQUIRE);
}

}  // namespace slimscale::runtime
