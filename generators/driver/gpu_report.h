// What ptxas makes of a model's CUDA kernels, as Markdown.
#pragma once

#include <string>
#include <vector>

#include "generators/driver/compile.h"

namespace slimscale::generators {

// Of compiled objects, those of CUDA tiers, read `jobs` at a time. `spilling` receives how many kernels spill registers or
// have a stack frame. "" or a sentence.
std::string write_gpu_report(const std::string &model_name, const std::vector<Object> &objects,
                             const Assembler &assembler, int jobs, const std::string &path, int &spilling);

}  // namespace slimscale::generators
