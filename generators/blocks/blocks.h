// From a pipeline's name (networks::pipeline_name) to the generator and the parameters that compile it.
#pragma once

#include <map>
#include <string>

#include "Halide.h"
#include "schedules/tables.h"

namespace slimscale::blocks {

struct Block {
    std::string generator;  // name in Halide's registry: "conv3x3"
    std::map<std::string, std::string>
        params;         // cin, cout, ..., schedule
    std::string error;  // "" or one sentence: the name is no pipeline's
};

// `schedule`: "naive", "fast" or "gpu"; it goes into the parameters, and "gpu" computes 3x3 convolutions directly.
// `precision`: "f32"; "f16" with "gpu" stores activations as such, and pipelines that read and write none are the same in
// both; "q16" on CPUs computes convolutions between features in fixed point, and there are no other pipelines of it.
// `blocking`: how the fast schedule cuts the block; "": by rule.
Block block(const std::string &pipeline_name, const std::string &schedule = "fast",
            const std::string &precision = "f32", const std::string &blocking = "");
bool has_q16(const std::string &pipeline_name);  // whether there is a pipeline in fixed point

// What to give block() and scratch_bytes() as blocking: the table's choice; "" for pipelines and schedules without.
std::string blocking(const std::string &pipeline_name, const std::string &schedule, const Halide::Target &target,
                     const schedules::Table &table = schedules::builtin_table());

// Bytes of scratch that one worker holds at a time within one call of the pipeline, at most. Schedules draw it through
// halide_malloc in a handful of allocations, each counted with what alignment may take.
// 0 for a name that is no pipeline's.
size_t scratch_bytes(const std::string &pipeline_name, const std::string &schedule, const std::string &precision,
                     const Halide::Target &target, const std::string &blocking);

// Makes Halide's warnings (silent emulation of a type, say) errors: both throw std::runtime_error with Halide's text.
// Install with Halide::set_custom_compile_time_error_reporter; must outlive all use of Halide.
class StrictReporter : public Halide::CompileTimeErrorReporter {
public:
    void warning(const char *message) override;
    [[noreturn]] void error(const char *message) override;
};

}  // namespace slimscale::blocks
