// CUDA kernels are assembled ahead of time by ptxas, which needs no GPU, driver or nvcc: a driver loads a cubin at
// once, but compiles PTX for seconds. PTX is kept for GPUs that no cubin fits.
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

// Finds ptxas and the architectures to assemble for: `wanted`, or, if that is empty, those of the platform's usual ones
// that this ptxas knows. A ptxas that is missing is no error; one that does not know a wanted architecture is.
Status find_assembler(const std::vector<int> &wanted, const std::string &platform, Assembler &assembler);

// The files beside a pipeline's object in the cache.
struct CudaFiles {
    std::string stem;
    std::string ptx() const { return stem + ".ptx"; }
    std::string statement() const { return stem + ".stmt"; }
    std::string cubin(const Assembler &assembler, int arch) const;
    std::string usage(const Assembler &assembler, int arch) const;  // the output of ptxas -v
    std::string loops(const Assembler &assembler, int arch) const;  // what gpu_report keeps of the disassembly
};

// Whether all cubins exist.
bool is_assembled(const CudaFiles &files, const Assembler &assembler);

// Assembles the cubins that do not exist yet.
Status assemble(const CudaFiles &files, const Assembler &assembler);

// A target's table of slimscale_code (contract/model.h) with PTX and cubins of all pipelines, as a text for the
// assembler that defines `symbol`. A pipeline whose stem is "" gets null entries. Stems are written as they are, so
// they are relative to the folder in which the text is assembled.
std::string code_assembly(const std::string &symbol, const std::vector<CudaFiles> &pipelines,
                          const Assembler &assembler);

}  // namespace slimscale::generators
