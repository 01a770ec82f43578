// Times each pipeline of compiled models on a device, called by the runtime as in use. The report of `make generate
// TARGET=cuda` shows the times beside a roofline (slimscale_generate --measured takes the JSON). Works for every device
// target.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "base/files.h"
#include "bench/pipelines/timed.h"
#include "slimscale/slimscale.h"

extern "C" const slimscale_model *const slimscale_models[];  // null-terminated

namespace {

using namespace slimscale;
using namespace slimscale::bench;
using Json = nlohmann::ordered_json;

struct Options {
    std::vector<std::string> models, targets{"cuda", "cuda_f16"};
    int width = 640, height = 360, rounds = 5;
    std::string json;
};

struct Row {
    std::string model, target, device;
    PipelineTime time;
};

struct Closer {
    void operator()(slimscale_handle *s) const { slimscale_close(s); }
};
using Handle = std::unique_ptr<slimscale_handle, Closer>;

void check(slimscale_status status, const slimscale_handle *s) {
    if (status != SLIMSCALE_OK)
        throw std::runtime_error(slimscale_error(s));
}

Handle open(const slimscale_model *model, const std::string &target) {
    char text[500] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = target.c_str();
    options.allow_untrained = 1;
    options.threads = 1;  // since calls are recorded in one table
    options.band_rows = -1;
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = nullptr;
    if (slimscale_open(model, &options, &s) != SLIMSCALE_OK)
        throw std::runtime_error(text);
    return Handle(s);
}

slimscale_image image(std::vector<float> &samples, int colors, int width, int height) {
    slimscale_image made = SLIMSCALE_IMAGE_INIT;
    made.format = SLIMSCALE_PLANAR_F32;
    made.width = width, made.height = height;
    const size_t plane = static_cast<size_t>(width) * static_cast<size_t>(height);
    samples.resize(static_cast<size_t>(colors) * plane, 0.5f);
    for (int c = 0; c < colors; c++) {
        made.planes[c] = &samples[static_cast<size_t>(c) * plane];
        made.strides[c] = width * static_cast<ptrdiff_t>(sizeof(float));
    }
    return made;
}

// Times the pipelines of all widths. A pipeline that several widths share has one row, with the calls of all of them.
void measure(const slimscale_model &model, const std::string &target, const Options &options, std::vector<Row> &rows) {
    TimedModel timed(model, target);
    const Handle s = open(timed.model(), target);
    check(slimscale_plan(s.get(), options.width, options.height), s.get());
    std::vector<float> in, out;
    const slimscale_image from = image(in, model.colors, options.width, options.height);
    const slimscale_image to = image(out, model.colors, options.width * model.scale, options.height * model.scale);
    for (int w = 0; w < model.plan_count; w++) {
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = model.channels[w];
        check(slimscale_run(s.get(), &request, &from, &to, nullptr), s.get());  // compiles, clears and warms
        timed.start(options.rounds);
        const slimscale_status status = slimscale_run(s.get(), &request, &from, &to, nullptr);
        const std::vector<PipelineTime> times = timed.stop();
        check(status, s.get());
        for (const PipelineTime &time : times)
            rows.push_back({model.name, target, slimscale_device(s.get()), time});
    }
}

void print(const std::vector<Row> &rows) {
    std::printf("| model | target | pipeline | calls | 640×360, µs |\n|---|---|---|--:|--:|\n");
    for (const Row &row : rows)
        std::printf("| %s | %s | %s | %d | %.1f |\n", row.model.c_str(), row.target.c_str(),
                    name_of(row.time.pipeline).c_str(), row.time.calls, row.time.microseconds);
}

// Compares the times of convolutions that were measured both directly and by Winograd.
void print_winograd(const std::vector<Row> &rows) {
    const auto first = [&](const Row &like, const contract::Pipeline &pipeline) {
        return std::find_if(rows.begin(), rows.end(),
                            [&](const Row &row) { return row.target == like.target && row.time.pipeline == pipeline; });
    };
    const auto time_of = [&](const Row &like, const contract::Pipeline &pipeline) {
        const auto found = first(like, pipeline);
        return found == rows.end() ? 0 : found->time.microseconds;
    };
    for (const Row &row : rows) {
        if (row.time.pipeline.block != contract::Block::conv3x3 || &*first(row, row.time.pipeline) != &row)
            continue;
        const contract::WinogradPipelines parts = contract::winograd_of(row.time.pipeline);
        const double input = time_of(row, parts.input), product = time_of(row, parts.product),
                     output = time_of(row, parts.output), direct = row.time.microseconds;
        if (input == 0 || product == 0 || output == 0)
            continue;
        const double three = input + product + output;
        std::printf("%s %s: %.1f µs directly, %.1f by Winograd: %.2f times as fast\n", row.target.c_str(),
                    name_of(row.time.pipeline).c_str(), direct, three, direct / three);
    }
}

Status write_json(const std::string &path, const std::vector<Row> &rows) {
    Json file{{"format", "slimscale-pipelines"}, {"format_version", 1}, {"rows", Json::array()}};
    for (const Row &row : rows)
        file["rows"].push_back({{"model", row.model},
                                {"target", row.target},
                                {"device", row.device},
                                {"pipeline", name_of(row.time.pipeline).str()},
                                {"calls", row.time.calls},
                                {"microseconds", row.time.microseconds}});
    return base::write_file(path, file.dump(1) + "\n");
}

bool wanted(const slimscale_model &model, const Options &options) {
    return options.models.empty() ||
           std::find(options.models.begin(), options.models.end(), model.name) != options.models.end();
}

Status measure_all(const Options &options) {
    std::vector<Row> rows;
    for (const slimscale_model *const *model = slimscale_models; *model; model++)
        for (const std::string &target : options.targets)
            if (wanted(**model, options) && has_device_target(**model, target))
                measure(**model, target, options, rows);
    if (rows.empty())
        return Error{"no compiled model has these targets; run: make generate TARGET=cuda"};
    print(rows);
    print_winograd(rows);
    return options.json.empty() ? Status() : write_json(options.json, rows);
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Times each pipeline of compiled models on a device.");
    Options options;
    app.add_option("--model", options.models, "Compiled models (default: all that have a target)");
    app.add_option("--targets", options.targets, "Device targets (default: cuda,cuda_f16)")->delimiter(',');
    app.add_option("--width", options.width, "Width of the input (default: 640)")->check(CLI::PositiveNumber);
    app.add_option("--height", options.height, "Height of the input (default: 360)")->check(CLI::PositiveNumber);
    app.add_option("--rounds", options.rounds, "Rounds of repeated calls, the best of which counts")
        ->check(CLI::PositiveNumber);
    app.add_option("--json", options.json, "Write the times to a file");
    CLI11_PARSE(app, argc, argv);
    Status status;
    try {
        status = measure_all(options);
    } catch (const std::exception &exception) {
        status = Error{exception.what()};
    }
    if (!status)
        std::fprintf(stderr, "bench_pipelines: %s\n", status.error().c_str());
    return status ? 0 : 1;
}
