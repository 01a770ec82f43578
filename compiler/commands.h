// The commands of slimscale_generate. They print their progress on standard output.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "compiler/model_plan.h"
#include "networks/program.h"
#include "schedules/tables.h"

namespace slimscale::generators {

struct ModelRequest {
    std::string model;    // a trained file; "": `network`
    std::string network;  // a preset, at `scale` and `colors`, without weights
    int scale = 2, colors = 3;
    std::string widths = "trained";  // as parse_widths takes them (source.h)
    std::string targets = "cpu";     // as parse_targets takes them (targets.h)
    std::string name;                // "": after the model file
    std::string out = ".";
    std::string cache;         // "": <out>/cache
    std::string registration;  // a list of models that the archive is entered in (registration.h); "": none
    std::string schedules;     // a table of blockings whose rows replace the built-in ones; "": none
    std::string report;        // the file for the report on code per target and on CUDA kernels; "": none
    std::string measured;      // a file of bench_pipelines whose times the report shows; "": none
    std::vector<int> archs;    // CUDA: compute capabilities to assemble for, 86 is 8.6; empty: the usual ones
    int jobs = 0;              // pipelines compiled at a time; 0: one per usable processor
    bool link_weights = true;
    networks::Tail tail = networks::Tail::collapsed;
    Convolutions convolutions = Convolutions::chosen;
};

Status generate_model(const ModelRequest &request);
Status list_pipelines(const ModelRequest &request);

// Compiles only the CUDA pipelines and writes what ptxas says of them to <out>/report.md. No GPU or driver is needed.
// The error may also be that kernels spill.
Status report_kernels(const ModelRequest &request);

// Writes Halide's runtime as one object.
Status generate_runtime(const std::string &platform, const std::string &object);

// Writes one pipeline's object, assembly and loop nest to look at: <out>/<function>.o, .s and .stmt, for each target.
// `schedules` is as in ModelRequest.
Status inspect_pipeline(const std::string &pipeline, const std::string &target_names, const std::string &schedules,
                        const std::string &out);

// Reads the table that ModelRequest::schedules names; "" gives the built-in one.
Status load_schedules(const std::string &path, schedules::Table &table);

// Merges objects into an archive by the recipe of archive.h.
Status merge_objects(const std::vector<std::string> &objects, const std::vector<std::string> &keep,
                     const std::string &platform, const std::string &archive);

}  // namespace slimscale::generators
