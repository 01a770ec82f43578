// Prints a model's plan as plain C: the tables of contract/model.h, and extern declarations of the pipelines' argv
// entries and the blob. The text depends on the arguments only, so that equal inputs give equal archives.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/model_plan.h"
#include "compiler/targets.h"
#include "schedules/tables.h"

namespace slimscale::generators {

constexpr const char *kBlobSymbol = "slimscale_blob";

// The symbol of a CUDA target's table of PTX and cubins, which code_assembly defines.
std::string code_symbol(const Target &target);

// The plan's translation unit, which includes "model.h". `table` has the blockings that the pipelines' scratch depends
// on; `archs` are those of the cubins; blob_bytes == 0 means that no weights are linked.
std::string plan_source(const ModelPlan &plan, const std::vector<Target> &targets, const schedules::Table &table,
                        const std::vector<int> &archs, size_t blob_bytes);

// The header that ships with the archive: it declares the archive's function, and `contents` are comment lines about
// it.
std::string archive_header(const ModelPlan &plan, const std::vector<Target> &targets, const std::string &contents);

}  // namespace slimscale::generators
