#pragma once

namespace slimscale::bench {

// GF/s of one thread that does nothing but multiply and add in registers, with vectors of `lanes` floats (4: SSE2,
// where multiplication and addition are two instructions; 8: AVX2 with FMA; 16: AVX-512). Takes about `ms`
// milliseconds, best of 5.
double multiply_add_gflops(int lanes, double ms);

}  // namespace slimscale::bench
