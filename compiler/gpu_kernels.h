// What can be known of a GPU kernel without a GPU: how it is launched, which registers and memory ptxas says it takes,
// the instructions of its hot loop, and how many threads a multiprocessor has room for. It reads texts and runs
// nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace slimscale::generators {

struct Launch {
    std::string kernel;
    int threads = 0;       // of a block
    int shared_bytes = 0;  // of a block
};

// The calls of halide_cuda_run in a lowered statement, without those whose number of threads is no constant.
std::vector<Launch> launches(const std::string &statement);

struct KernelUsage {
    int registers = 0;  // of a thread
    int stack_bytes = 0, spill_bytes = 0;
};

// By kernel, from the output of `ptxas -v`.
std::map<std::string, KernelUsage> ptxas_usage(const std::string &text);

struct HotLoop {
    int instructions = 0, ffma = 0, loads = 0;  // ffma: FFMA and HFMA2; loads: from global and shared memory
};

// By kernel, from the output of `nvdisasm -c`: the innermost of the loops with the most FFMA, or the whole kernel if no
// loop has any.
std::map<std::string, HotLoop> hot_loops(const std::string &disassembly);

// A multiprocessor, by compute capability (CUDA C++ Programming Guide, "Technical Specifications per Compute
// Capability"). Every one has 65,536 registers, given to warps in units of 256.
struct Multiprocessor {
    int capability;                     // 86: 8.6
    int threads, blocks, shared_bytes;  // the most at a time
};

const std::vector<Multiprocessor> &multiprocessors();

// Threads resident at a time, as a share of the multiprocessor's most; 0 if not even one block fits.
double occupancy(const Multiprocessor &multiprocessor, const Launch &launch, int registers);

}  // namespace slimscale::generators
