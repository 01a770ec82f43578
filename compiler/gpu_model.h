// What kernels can reach at most on GPUs that are not here: arithmetic over FMA, instruction issue, L1 and memory. A
// model, unmeasured; it knows nothing of latency where much is in flight, of clocks under load or of a driver.
#pragma once

#include <string>
#include <vector>

#include "compiler/gpu_kernels.h"
#include "contract/pipeline.h"

namespace slimscale::generators {

// By the vendor's data sheets: boost clock, FP32 lanes of a multiprocessor, memory, L2 cache.
struct Gpu {
    const char *name;
    const char *driver_name;  // what the driver's name for it holds
    int capability, multiprocessors, lanes;
    double gigahertz, gigabytes_per_second, l2_megabytes;
    double peak() const { return multiprocessors * lanes * gigahertz * 1e9; }  // FMA a second
};

const std::vector<Gpu> &gpus();

// Whether a device by that name is this GPU: "NVIDIA GeForce RTX 3090", but no RTX 3090 Ti.
bool is_gpu(const Gpu &gpu, const std::string &device);

// What one call of a pipeline does on a frame of 640x360 pixels, f32, from the source of its schedule.
struct Work {
    double fma = 0;           // that the result needs
    double kernel_fma = 0;    // FFMA of all threads: what the hot loop's are a share of; 0: no loop
    double threads = 0;       // for kernels without a loop: each runs all instructions once
    double l1_passes = 0;     // of all warps
    double bytes = 0;         // of tensors through memory
    double chunk_bytes = 0;   // likewise of Winograd's intermediates, which a large L2 keeps
    double chain_clocks = 0;  // of one thread's dependent additions
};

// A pass of L1 serves one line of 128 bytes to as many threads as load 128 bytes together: 8 that load 16 each.
// False: nothing is known of the pipeline (images).
bool work_of(const contract::Pipeline &pipeline, Work &work);

struct Bound {
    double share = 0;         // of the FMA peak
    const char *limit = "";   // "FMA", "issue", "L1", "memory" or "latency"
    double microseconds = 0;  // of the call
};

// `loop`: of the kernel for dense inputs.
Bound bound_of(const Gpu &gpu, const HotLoop &loop, const Work &work);

}  // namespace slimscale::generators
