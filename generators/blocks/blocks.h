// From a pipeline (contract/pipeline.h) to the generator and the parameters that compile it.
#pragma once

#include <map>
#include <string>

#include "Halide.h"
#include "base/status.h"
#include "contract/pipeline.h"
#include "schedules/tables.h"

namespace slimscale::blocks {

using contract::DataType;
using contract::Pipeline;
using contract::Schedule;

struct Block {
    std::string generator;                      // name in Halide's registry: "conv3x3"
    std::map<std::string, std::string> params;  // as Halide takes them: cin, cout, ..., schedule
};

// Schedule::gpu computes 3x3 convolutions directly. `type`: f16 with Schedule::gpu stores activations as such, and pipelines
// that read and write none are the same in both; q16 on CPUs computes convolutions between features in fixed point, and
// there are no other pipelines of it. `blocking`: how the fast schedule cuts the block; "": by rule. The error says that
// there is no such pipeline, and why.
Result<Block> block(const Pipeline &pipeline, Schedule schedule = Schedule::fast, DataType type = DataType::f32,
                    const std::string &blocking = "");

// Likewise from a name; also refused if that is none.
Result<Block> block(std::string_view name, Schedule schedule = Schedule::fast, DataType type = DataType::f32,
                    const std::string &blocking = "");
std::string no_such_pipeline(std::string_view name);

// What to give block() and scratch_bytes() as blocking: the table's choice; "" for pipelines and schedules without.
std::string blocking(const Pipeline &pipeline, Schedule schedule, const Halide::Target &target,
                     const schedules::Table &table = schedules::builtin_table());

// Bytes of scratch that one worker holds at a time within one call of the pipeline, at most. Schedules draw it through
// halide_malloc in a handful of allocations, each counted with what alignment may take. 0 where there is no such
// pipeline.
size_t scratch_bytes(const Pipeline &pipeline, Schedule schedule, DataType type, const Halide::Target &target,
                     const std::string &blocking);

// Makes Halide's warnings (silent emulation of a type, say) errors: both throw std::runtime_error with Halide's text.
// Install with Halide::set_custom_compile_time_error_reporter; must outlive all use of Halide.
class StrictReporter : public Halide::CompileTimeErrorReporter {
public:
    void warning(const char *message) override;
    [[noreturn]] void error(const char *message) override;
};

}  // namespace slimscale::blocks
