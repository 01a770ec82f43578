// Compiles pipelines to objects. Objects that are in the cache are not compiled again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/cubins.h"
#include "compiler/targets.h"
#include "schedules/tables.h"

namespace slimscale::generators {

struct Object {
    std::string function;  // "slimscale_conv3x3_16_16_f32_avx2"
    contract::Pipeline pipeline;
    Target target;
    std::string blocking;  // of the fast schedule (blocks::blocking)
    CudaFiles cuda;        // on every target, its stem is the path without ".o"
    bool cached = false;   // all of its files are in the cache

    std::string path() const { return cuda.stem + ".o"; }
};

// Lists the objects of `pipelines` on one target. The cache keeps them in a folder named by the hash of this program,
// under names that contain their blocking, so that no old object is found after a change to an algorithm, a schedule or
// a table.
std::vector<Object> plan_objects(const std::vector<std::optional<contract::Pipeline>> &pipelines, const Target &target,
                                 const schedules::Table &table, const std::string &cache, const Assembler &assembler);
Object plan_object(const contract::Pipeline &pipeline, const Target &target, const std::string &blocking,
                   const std::string &cache, const Assembler &assembler);

// Compiles the objects that are not cached, and for CUDA assembles their cubins, `jobs` at a time. Calls `done` in this
// process once for each object, first for the cached ones.
Status compile_objects(const std::vector<Object> &objects, const Assembler &assembler, int jobs,
                       const std::function<void(const Object &)> &done);

// The files to write when one pipeline is compiled in this process; "" for a file that is not wanted.
struct PipelineFiles {
    std::string object, assembly, statement;
    std::string device_code;  // GPUs: PTX
};
Status compile_pipeline(const contract::Pipeline &pipeline, const Target &target, const std::string &blocking,
                        const PipelineFiles &files);

// Compiles Halide's runtime for a platform, one object for any number of models. Its symbols are still called halide_*.
Status compile_runtime(const std::string &platform, const std::string &object);

}  // namespace slimscale::generators
