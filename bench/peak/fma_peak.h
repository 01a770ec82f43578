#pragma once

namespace slimscale::bench {

// GF/s of `threads` threads together that do nothing but multiply and add in registers, with vectors of `lanes` floats
// (4: SSE2, where multiplication and addition are two instructions; 8: AVX2 with FMA; 16: AVX-512, on which the machine
// must be able to run). Each thread counts the time that it runs, so other programs do not lower the figure. Takes about
// 6 times `ms` milliseconds, best of 5.
double multiply_add_gflops(int lanes, double ms, int threads = 1);

}  // namespace slimscale::bench
