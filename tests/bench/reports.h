// A report with known figures.
#pragma once

#include "bench/widths/report.h"

namespace slimscale::bench {

// Two widths on two targets: 64 channels take 80 ms on avx2 and 200 on cuda_f16, 16 channels 10 and 40; a frame of 64
// channels has 16 GF, 12 of which Winograd may save on; one of 16 has 1 and 0.8. The peak of avx2 is 100 GF/s. On naive
// nothing ran. derive() was not called.
Report small_report();

}  // namespace slimscale::bench
