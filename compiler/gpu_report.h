// A report in Markdown on what ptxas makes of a model's CUDA kernels.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/compile.h"
#include "compiler/gpu_measured.h"

namespace slimscale::generators {

// The report on the CUDA objects among `objects`, `jobs` of which are disassembled at a time. `measured` times are
// shown beside the work of each pipeline. `spilling` receives the number of kernels that spill registers or have a
// stack frame.
Result<std::string> gpu_report(const std::string &model_name, const std::vector<Object> &objects,
                               const Assembler &assembler, const std::vector<Measured> &measured, int jobs,
                               int &spilling);

}  // namespace slimscale::generators
