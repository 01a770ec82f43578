// What a 3x3 convolution can reach at most on GPUs that are not here: arithmetic over instruction issue, L1 and memory.
// A model, unmeasured; it knows nothing of latency, clocks under load or a driver.
#pragma once

#include <string>
#include <vector>

#include "generators/driver/gpu_kernels.h"

namespace slimscale::generators {

// By the vendor's data sheets: boost clock, FP32 lanes of a multiprocessor, memory.
struct Gpu {
    const char *name;
    int capability, multiprocessors, lanes;
    double gigahertz, gigabytes_per_second;
    double peak() const { return multiprocessors * lanes * gigahertz * 1e9; }  // FMA a second
};

const std::vector<Gpu> &gpus();

struct Bound {
    double share = 0;         // of the FMA peak
    const char *limit = "";   // "FMA", "issue", "L1" or "memory"
    double microseconds = 0;  // of one call on a 640x360 frame
};

// A C->C convolution, f32, all tensors through memory once. `loop`: of its kernel for dense inputs.
Bound conv3x3_bound(const Gpu &gpu, const HotLoop &loop, int inputs, int outputs, bool add);

// Passes of L1 that one iteration of that loop takes a warp: a pass serves one line of 128 bytes to 8 threads that load
// 16 bytes or to 16 that load 8 (schedules/gpu/conv3x3.cpp: 18 and 36 loads).
int conv3x3_l1_passes(int outputs);

}  // namespace slimscale::generators
