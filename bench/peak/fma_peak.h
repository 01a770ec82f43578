#pragma once

namespace slimscale::bench {

// The GF/s of `threads` threads together that only multiply and add in registers, with vectors of `lanes` floats (4:
// SSE2, where multiplication and addition are two instructions; 8: AVX2 with FMA; 16: AVX-512), which the machine must
// have. Each thread counts the time that it runs, so that other programs do not lower the figure. Measures about 5
// times for `ms` milliseconds and returns the best.
double multiply_add_gflops(int lanes, double ms, int threads = 1);

// Asks Linux to permit AMX to this process, as opening a target that needs it does. False where it refuses, or the
// processor has none.
bool permit_tiles();

// The GF/s, likewise, of threads that only multiply bf16 in AMX tiles and add in f32 (a multiplication and an addition
// are two). Precondition: permit_tiles().
double tile_gflops(double ms, int threads = 1);

}  // namespace slimscale::bench
