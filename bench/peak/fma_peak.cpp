#include "bench/peak/fma_peak.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "bench/peak/clocks.h"

namespace slimscale::bench {

namespace {

constexpr int kChains = 12;  // enough to hide 4 cycles of latency at 2 a cycle
constexpr long kTrialRepeats = 100000;
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

using Chains = float (*)(long);

double run_seconds(Chains chains, long repeats) {
    const double start = thread_seconds();
    volatile float sink = chains(repeats);
    static_cast<void>(sink);
    return thread_seconds() - start;
}

double best_gflops(Chains chains, int lanes, double ms) {
    const auto repeats = static_cast<long>(ms / 1e3 / run_seconds(chains, kTrialRepeats) * kTrialRepeats) + 1;
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRuns; i++)
        best = std::min(best, run_seconds(chains, repeats));
    return 2. * kChains * lanes * static_cast<double>(repeats) / best / 1e9;
}

}  // namespace

double multiply_add_gflops(int lanes, double ms, int threads) {
    const Chains chains = lanes == 16 ? chains_16 : lanes == 8 ? chains_8 : chains_4;
    std::vector<double> gflops(static_cast<size_t>(threads));
    std::vector<std::thread> running;
    for (size_t i = 1; i < gflops.size(); i++)
        running.emplace_back([&, i] { gflops[i] = best_gflops(chains, lanes, ms); });
    gflops[0] = best_gflops(chains, lanes, ms);
    for (std::thread &thread : running)
        thread.join();
    return std::accumulate(gflops.begin(), gflops.end(), 0.);
}

}  // namespace slimscale::bench
