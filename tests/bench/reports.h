// A report with known figures.
#pragma once

#include "bench/widths/report.h"

namespace slimscale::bench {

// Two widths on two targets: 64 channels take 80 ms on avx2 and 200 on cuda_f16, 16 channels take 10 and 40. A frame
// has 16 GF at 64 channels, 12 of them where Winograd saves, and 1 and 0.8 at 16. The peak of avx2 is 100 GF/s. Nothing
// ran on naive. derive() has not been called.
Report small_report();

}  // namespace slimscale::bench
