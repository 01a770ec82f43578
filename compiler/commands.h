// The commands of slimscale_generate. Each prints its progress.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/model_plan.h"
#include "networks/program.h"
#include "schedules/tables.h"

namespace slimscale::generators {

struct ModelRequest {
    std::string model;    // a trained file; or else
    std::string network;  // a preset, at `scale` and `colors`, without weights
    int scale = 2, colors = 3;
    std::string widths = "trained";  // "all" without weights
    std::string targets = "cpu";
    std::string name;  // "": after the model file
    std::string out = ".";
    std::string cache;         // "": <out>/cache
    std::string registration;  // a list that the archive's name and path are entered in; "": none
    std::string schedules;     // a table of blockings whose rows replace the built-in ones; "": none
    std::string report;        // CUDA: a file that says what the kernels take; "": none
    std::string measured;      // what bench_pipelines wrote, to stand in the report; "": nothing
    std::vector<int> archs;    // CUDA: compute capabilities to assemble for, 86 is 8.6; empty: the usual ones
    int jobs = 0;              // 0: one per core
    bool link_weights = true;
    networks::Tail tail = networks::Tail::collapsed;
    Convolutions convolutions = Convolutions::chosen;
};

Status generate_model(const ModelRequest &request);
Status list_pipelines(const ModelRequest &request);

// Compiles the CUDA pipelines alone and writes what ptxas says of them to <out>/report.md. No GPU or driver is needed.
// Kernels that spill are an error.
Status report_kernels(const ModelRequest &request);

// Halide's runtime as one object.
Status generate_runtime(const std::string &platform, const std::string &object);

// One pipeline's object, assembly and loop nest, to look at: DIR/<function>.o, .s, .stmt.
// `schedules` as in ModelRequest.
Status inspect_pipeline(const std::string &pipeline, const std::string &target_names, const std::string &schedules,
                        const std::string &out);

// The table that ModelRequest::schedules stands for.
Status load_schedules(const std::string &path, schedules::Table &table);

// Any objects by the archive recipe (archive.h).
Status merge_objects(const std::vector<std::string> &objects, const std::vector<std::string> &keep,
                     const std::string &platform, const std::string &archive);

}  // namespace slimscale::generators
