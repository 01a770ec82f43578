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

// The generator and the parameters that compile a pipeline. Schedule::gpu computes 3x3 convolutions directly.
//     type      f16 (Schedule::gpu only) stores activations as f16, bf16 (Schedule::fast only) as bf16; pipelines without
//               activations are the same as in f32. In bf16 convolutions between features are computed in AMX tiles.
//               q16 (CPUs only) computes convolutions between features in fixed point and stores activations as f16.
//     blocking  how the fast schedule cuts the block, a text of schedules/parameters.h; "": by rule. It is not checked here.
// The error is a sentence that says why there is no such pipeline.
Result<Block> block(const Pipeline &pipeline, Schedule schedule = Schedule::fast, DataType type = DataType::f32,
                    const std::string &blocking = "");

// The same from a pipeline's name; a text that is no such name is an error, which no_such_pipeline words.
Result<Block> block(std::string_view name, Schedule schedule = Schedule::fast, DataType type = DataType::f32,
                    const std::string &blocking = "");
std::string no_such_pipeline(std::string_view name);

// The argument `blocking` of block() and scratch_bytes(): the table's choice; "" for pipelines and schedules that have
// none, such as those in AMX tiles.
std::string blocking(const Pipeline &pipeline, Schedule schedule, const Halide::Target &target,
                     const schedules::Table &table = schedules::builtin_table());

// The most bytes of scratch that one worker holds at a time within one call of the pipeline, for one group. Schedules take
// it from halide_malloc in a few allocations, each of which is counted with its loss by alignment. Returns 0 where there is
// no such pipeline.
size_t scratch_bytes(const Pipeline &pipeline, Schedule schedule, DataType type, const Halide::Target &target,
                     const std::string &blocking);

// Makes Halide's warnings (of the emulation of a type, say) errors: both throw std::runtime_error with Halide's text.
// Install it with Halide::set_custom_compile_time_error_reporter; it must outlive all use of Halide.
class StrictReporter : public Halide::CompileTimeErrorReporter {
public:
    void warning(const char *message) override;
    [[noreturn]] void error(const char *message) override;
};

}  // namespace slimscale::blocks
