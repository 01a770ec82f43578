// What ptxas makes of a model's CUDA kernels, as Markdown.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/compile.h"
#include "compiler/gpu_measured.h"

namespace slimscale::generators {

// Of compiled objects, those of CUDA targets, read `jobs` at a time; `measured` stands beside what each
// pipeline has to do. `spilling` receives how many kernels spill registers or have a stack frame.
Status write_gpu_report(const std::string &model_name, const std::vector<Object> &objects, const Assembler &assembler,
                        const std::vector<Measured> &measured, int jobs, const std::string &path, int &spilling);

}  // namespace slimscale::generators
