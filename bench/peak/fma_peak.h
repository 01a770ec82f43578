#pragma once

namespace slimscale::bench {

// GF/s of `threads` threads together that do nothing but multiply and add in registers, with vectors of `lanes` floats
// (4: SSE2, where multiplication and addition are two instructions; 8: AVX2 with FMA; 16: AVX-512). The machine must
// have them. Each thread counts the time that it runs, so other programs do not lower the figure. Takes about 5 times
// `ms` milliseconds, of which the best counts.
double multiply_add_gflops(int lanes, double ms, int threads = 1);

}  // namespace slimscale::bench
