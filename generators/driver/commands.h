// The commands of slimscale_generate. Each returns "" or one sentence, and prints its progress.
#pragma once

#include <string>
#include <vector>

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
    int jobs = 0;              // 0: one per core
    bool link_weights = true;
};

std::string generate_model(const ModelRequest &request);
std::string list_pipelines(const ModelRequest &request);

// The model's name and its pipelines at the wanted widths.
std::string model_pipelines(const ModelRequest &request, std::string &name, std::vector<std::string> &pipelines);

struct GpuReportRequest {
    std::vector<int> archs;  // compute capabilities: 86
    std::string out;
};

// Compiles the model's pipelines to PTX and cubins in `out` and writes what ptxas says of them to report.md there. No
// GPU or driver is needed. Kernels that spill are an error.
std::string gpu_report(const ModelRequest &model, const GpuReportRequest &request);

// Halide's runtime as one object.
std::string generate_runtime(const std::string &platform, const std::string &object);

// One pipeline's object, assembly and loop nest, to look at: DIR/<function>.o, .s, .stmt.
std::string inspect_pipeline(const std::string &pipeline, const std::string &target, const std::string &out);

// Any objects by the archive recipe (archive.h).
std::string merge_objects(const std::vector<std::string> &objects, const std::vector<std::string> &keep,
                          const std::string &platform, const std::string &archive);

}  // namespace slimscale::generators
