#include "bench/peak/fma_peak.h"

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "bench/peak/clocks.h"

namespace slimscale::bench {

namespace {

constexpr int kChains = 12;       // enough to hide 4 cycles of latency at 2 a cycle
constexpr long kFirstTrial = 16;  // repeats, doubled until they take kTrialMs
constexpr double kTrialMs = 0.2;
constexpr int kRuns = 5;

// Macros write this out, since the target attribute belongs to a function: vectors must not cross its border, and an
// array that is not unrolled would be in memory.
#define SLIMSCALE_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define SLIMSCALE_STEP(N)            \
    sum##N = sum##N * factor + term; \
    asm volatile("" : "+x"(sum##N));
#define SLIMSCALE_DECLARE(N) Vector sum##N = {};
#define SLIMSCALE_TOTAL(N) total += sum##N[0];
#define SLIMSCALE_CHAINS(NAME, LANES, TARGET)                                       \
    __attribute__((target(TARGET), noinline)) float NAME(long repeats) {            \
        typedef float Vector __attribute__((vector_size((LANES) * sizeof(float)))); \
        Vector factor = {}, term = {};                                              \
        factor += 0.999f, term += 1e-3f;                                            \
        SLIMSCALE_EACH(SLIMSCALE_DECLARE)                                           \
        for (long i = 0; i < repeats; i++) {                                        \
            SLIMSCALE_EACH(SLIMSCALE_STEP)                                          \
        }                                                                           \
        float total = 0;                                                            \
        SLIMSCALE_EACH(SLIMSCALE_TOTAL)                                             \
        return total;                                                               \
    }
// clang-format off
SLIMSCALE_CHAINS(chains_4, 4, "sse2")
SLIMSCALE_CHAINS(chains_8, 8, "avx2,fma")
SLIMSCALE_CHAINS(chains_16, 16, "avx512f")
// clang-format on

// The memory operand of LDTILECFG.
struct alignas(64) TileConfig {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
};

constexpr int kTileRows = 16, kTileRowBytes = 64, kTileProducts = 4;  // of a repeat
constexpr double kTileFlops = 2. * kTileRows * (kTileRowBytes / sizeof(float)) * (kTileRowBytes / 2);

// Four tiles of sums, which hide the latency of one, of two tiles of inputs and two of filters.
__attribute__((target("amx-tile,amx-bf16"), noinline)) float tiles(long repeats) {
    TileConfig config;
    std::fill_n(config.row_bytes, 8, static_cast<uint16_t>(kTileRowBytes));
    std::fill_n(config.rows, 8, static_cast<uint8_t>(kTileRows));
    asm volatile("" : : "m"(config));  // by g++ 12's intrinsic 8 of the 64 bytes are read, and the others not stored
    _tile_loadconfig(&config);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    for (long i = 0; i < repeats; i++) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_release();
    return 0;
}

using Chains = float (*)(long);

double run_seconds(Chains chains, long repeats) {
    const double start = thread_seconds();
    volatile float sink = chains(repeats);
    static_cast<void>(sink);
    return thread_seconds() - start;
}

// Repeats of the chains in a second.
double best_rate(Chains chains, double ms) {
    long trial = kFirstTrial;
    double seconds = 0;
    while ((seconds = run_seconds(chains, trial)) * 1e3 < kTrialMs)
        trial *= 2;
    const auto repeats = static_cast<long>(ms / 1e3 / seconds * static_cast<double>(trial)) + 1;
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRuns; i++)
        best = std::min(best, run_seconds(chains, repeats));
    return static_cast<double>(repeats) / best;
}

// Of all threads together.
double rate_of_threads(Chains chains, double ms, int threads) {
    std::vector<double> rates(static_cast<size_t>(threads));
    std::vector<std::thread> running;
    for (size_t i = 1; i < rates.size(); i++)
        running.emplace_back([&, i] { rates[i] = best_rate(chains, ms); });
    rates[0] = best_rate(chains, ms);
    for (std::thread &thread : running)
        thread.join();
    return std::accumulate(rates.begin(), rates.end(), 0.);
}

}  // namespace

double multiply_add_gflops(int lanes, double ms, int threads) {
    const Chains chains = lanes == 16 ? chains_16 : lanes == 8 ? chains_8 : chains_4;
    return rate_of_threads(chains, ms, threads) * 2 * kChains * lanes / 1e9;
}

bool permit_tiles() {
    constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

double tile_gflops(double ms, int threads) {
    return rate_of_threads(tiles, ms, threads) * kTileProducts * kTileFlops / 1e9;
}

}  // namespace slimscale::bench
