// Prints a model's plan as plain C: the tables of contract/model.h, with the pipelines' argv entries and the blob
// declared extern. The text depends on its arguments only, so that equal inputs give equal archives.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/model_plan.h"
#include "compiler/targets.h"
#include "schedules/tables.h"

namespace slimscale::generators {

constexpr const char *kBlobSymbol = "slimscale_blob";

// A CUDA target's table of PTX and cubins, which code_assembly defines.
std::string code_symbol(const Target &target);

// The plan's translation unit; it includes "model.h". `table`: of the pipelines' blockings, for their scratch. `archs`:
// those of the cubins. blob_bytes == 0: no weights are linked in.
std::string plan_source(const ModelPlan &plan, const std::vector<Target> &targets, const schedules::Table &table,
                        const std::vector<int> &archs, size_t blob_bytes);

// The header that ships with the archive: declares the one function, and says in a comment what is inside.
std::string archive_header(const ModelPlan &plan, const std::vector<Target> &targets, const std::string &contents);

}  // namespace slimscale::generators
