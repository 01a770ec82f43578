// CUDA kernels assembled ahead of time by ptxas, which needs neither GPU nor driver nor nvcc: a driver loads a cubin at
// once, where it compiles PTX for seconds. PTX is kept for GPUs that no cubin fits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::generators {

struct Assembler {
    std::string version;     // "12.9.86"; "": there is no ptxas on PATH
    std::vector<int> archs;  // compute capabilities to assemble for, ascending: 86 is 8.6
};

// Finds ptxas and the architectures to assemble for: `wanted`, or if that is empty the usual ones of the platform that
// this ptxas knows.
Status find_assembler(const std::vector<int> &wanted, const std::string &platform, Assembler &assembler);

// The files beside a pipeline's object in the cache.
struct CudaFiles {
    std::string stem;
    std::string ptx() const { return stem + ".ptx"; }
    std::string statement() const { return stem + ".stmt"; }
    std::string cubin(const Assembler &assembler, int arch) const;
    std::string usage(const Assembler &assembler, int arch) const;  // what ptxas -v says
    std::string loops(const Assembler &assembler, int arch) const;  // what gpu_report keeps of the disassembly
};

bool is_assembled(const CudaFiles &files, const Assembler &assembler);

// Assembles the cubins that do not exist yet.
Status assemble(const CudaFiles &files, const Assembler &assembler);

// A target's table of slimscale_code (contract/model.h) with PTX and cubins of all pipelines (of none where a stem is
// ""), as assembler's text that defines `symbol`. The files' stems are written as they are: relative to where the text
// is assembled.
std::string code_assembly(const std::string &symbol, const std::vector<CudaFiles> &pipelines,
                          const Assembler &assembler);

}  // namespace slimscale::generators
