// Makes a model's archive and header from compiled pipelines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/compile.h"
#include "compiler/model_plan.h"

namespace slimscale::generators {

struct ModelBuild {
    ModelPlan plan;
    std::vector<Target> targets;
    schedules::Table schedules;
    Assembler assembler;  // for CUDA
    std::vector<Object> objects;
    std::vector<uint8_t> blob;
    std::string out, cache, report;  // absolute

    std::string archive_path() const { return out + "/libslimscale_model_" + plan.name + ".a"; }
    std::string header_path() const { return out + "/slimscale_model_" + plan.name + ".h"; }
};

// The bytes that an object adds to a program: its sections that are loaded, and its PTX and cubins.
uint64_t archived_bytes(const Object &object, const Assembler &assembler);

// The same of all objects. Beside them an archive holds plans (some 100 KB) and the weights.
uint64_t code_bytes(const ModelBuild &build);

// A row for each target and one for all of them, as Markdown.
std::string code_size_table(const ModelBuild &build);

// Whether the linked weights are calibrated: "calibrated for q16 at 16, 64 channels" or "uncalibrated for q16"; "" if
// no weights are linked.
std::string calibration_text(const ModelBuild &build);

// Writes the archive and its header; build.objects must have been compiled.
Status write_model(const ModelBuild &build);

}  // namespace slimscale::generators
