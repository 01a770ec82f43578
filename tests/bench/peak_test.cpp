// The peaks are finite and of this machine; how large they are is no matter of tests. Tiles are emulated where the
// processor has none.
#include "bench/peak/fma_peak.h"

#include <cmath>

#include "tests/catch.h"
#include "tests/emulation/amx.h"

using namespace slimscale::bench;

TEST_CASE("Peaks are measured with one thread and with several") {
    for (int threads : {1, 3}) {
        const double gflops = multiply_add_gflops(4, 1, threads);
        CHECK(std::isfinite(gflops));
        CHECK(gflops > 0);
    }
}

TEST_CASE("The peak of tiles leaves no tiles behind") {
    if (!slimscale::test::emulate_amx())
        return;  // the processor lacks AVX-512, which the emulation needs
    for (int threads : {1, 3}) {
        const double gflops = tile_gflops(1, threads);
        CHECK(std::isfinite(gflops));
        CHECK(gflops > 0);
        CHECK_FALSE(slimscale::test::holds_tiles());
    }
}
